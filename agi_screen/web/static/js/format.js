// Numbers and times as people read them.

const WHOLE = new Intl.NumberFormat("en-US");
const CLOCK = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const SHORT = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const DAY = new Intl.DateTimeFormat([], { month: "short", day: "numeric" });

/** @param {number} count */
export const whole = (count) => WHOLE.format(Math.round(count));

/** Calls per second. @param {number} value */
export const rate = (value) => (value === 0 ? "0" : value < 0.095 ? "<0.1" : value < 9.95 ? value.toFixed(1) : whole(value));

/** @param {number} seconds since 1970 */
export const clock = (seconds) => CLOCK.format(seconds * 1000);

/** With the day where it is not today's. @param {number} seconds @param {number} now */
export function moment(seconds, now) {
  const then = new Date(seconds * 1000);
  const today = new Date(now * 1000).toDateString() === then.toDateString();
  return today ? SHORT.format(then) : `${DAY.format(then)} ${SHORT.format(then)}`;
}

/** @param {number} seconds */
export function duration(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60 && s < 600 ? `${s % 60} s` : ""}`.trim();
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

/** `+1 612 555 0123`; what is no North American number stays as it is. @param {string} written */
export function phone(written) {
  const tilde = written.indexOf("~"); // a number that is kept as a hash: its beginning, and enough to tell it from others
  if (tilde >= 0) return `${phone(written.slice(0, tilde))} ~${written.slice(tilde + 3, tilde + 9)}`.trim();
  const found = /^\+1(\d{3})(\d{3})?([\d•]{4})?$/.exec(written);
  return found ? ["+1", ...found.slice(1).filter(Boolean)].join(" ") : written;
}
