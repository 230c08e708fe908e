// What the stream has told so far: the whole picture, kept up to date step by step.

const MOST_CALLS = 100;
const KEPT = { seconds: 900, minutes: 1440 };

/** @typedef {{ first: number, rows: number[][] }} Series */

export class Picture {
  constructor() {
    /** @type {any} */
    this.parts = {};
    /** @type {Record<"seconds" | "minutes", Series>} */
    this.series = { seconds: { first: 0, rows: [] }, minutes: { first: 0, rows: [] } };
    /** @type {any[]} newest first */
    this.calls = [];
  }

  /** Takes an event. @returns {{ calls: any[], ended: Map<string, any> }} what is new of the calls */
  take(kind, parts) {
    const { seconds, minutes, calls, ends, ...others } = parts;
    if (kind === "whole") {
      this.series = { seconds: { first: 0, rows: [] }, minutes: { first: 0, rows: [] } };
      this.calls = [];
    }
    Object.assign(this.parts, others);
    append(this.series.seconds, seconds, KEPT.seconds);
    append(this.series.minutes, minutes, KEPT.minutes);
    const ended = new Map(ends.map((told) => [told.id, told.end]));
    for (const call of this.calls) if (ended.has(call.id)) call.end = ended.get(call.id);
    const known = new Set(this.calls.map((call) => call.id));
    const fresh = calls.filter((call) => !known.has(call.id));
    this.calls = [...fresh, ...this.calls].slice(0, MOST_CALLS);
    return { calls: fresh, ended };
  }

  /** Calls a second by column, of the last whole seconds. @param {number} span */
  lately(span) {
    const rows = this.series.seconds.rows.slice(-span);
    return sums(rows, this.parts.columns.length).map((sum) => sum / Math.max(1, rows.length));
  }

  /**
   * Bars for a chart: the time where each begins, and calls a second by column.
   * @param {"seconds" | "minutes"} name @param {number} most bars @param {number} columns
   */
  bars(name, most, columns) {
    const { first, rows } = this.series[name];
    const unit = name === "seconds" ? 1 : 60;
    const per = [1, 2, 5, 10, 15, 30, 60].find((n) => KEPT[name] / n <= most) || 60;
    const last = first + rows.length - 1;
    const end = Math.floor(last / per);
    const begin = Math.floor((last - KEPT[name]) / per) + 1;
    const shift = this.parts.at - this.parts.ticks;
    const times = [];
    const values = Array.from({ length: columns }, () => []);
    for (let bar = begin; bar <= end; bar += 1) {
      const from = bar * per;
      const inside = rows.slice(Math.max(0, from - first), Math.max(0, from + per - first));
      const whole = name === "minutes" && bar === end ? Math.max(1, (inside.length - 1) * 60 + (this.parts.ticks % 60)) : inside.length * unit;
      const total = sums(inside, columns);
      times.push(from * unit + shift);
      values.forEach((column, place) => column.push(inside.length ? total[place] / whole : null));
    }
    return { times, values, width: per * unit };
  }
}

/** @param {Series} series @param {Series} news @param {number} most */
function append(series, news, most) {
  if (!news.rows.length) return;
  const fits = series.rows.length && news.first <= series.first + series.rows.length && news.first >= series.first;
  if (!fits) series.rows = [];
  if (!series.rows.length) series.first = news.first;
  series.rows.splice(news.first - series.first, Infinity, ...news.rows);
  const over = series.rows.length - most;
  if (over > 0) {
    series.rows.splice(0, over);
    series.first += over;
  }
}

function sums(rows, columns) {
  const total = new Array(columns).fill(0);
  for (const row of rows) for (let place = 0; place < columns; place += 1) total[place] += row[place];
  return total;
}
