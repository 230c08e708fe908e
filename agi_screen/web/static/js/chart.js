// Calls per second, stacked by verdict: uPlot bars, the highest sum drawn first.

import { rate } from "./format.js";

/* global uPlot */

export class RateChart {
  /**
   * @param {HTMLElement} place
   * @param {string[]} names of the verdicts, the lowest of the stack first
   * @param {(index: number | null) => void} onPoint
   */
  constructor(place, names, onPoint) {
    this.place = place;
    this.names = names;
    this.onPoint = onPoint;
    this.width = 5;
    /** @type {number[][]} by verdict, unstacked */
    this.values = [];
    this.plot = null;
    new ResizeObserver(() => this.plot && this.plot.setSize(this.size())).observe(place);
    addEventListener("themechange", () => this.renew());
    addEventListener("scalechange", () => this.renew());
  }

  /** How many bars can be told apart here. */
  get most() {
    return Math.max(60, Math.floor(this.place.clientWidth / 4));
  }

  size() {
    return { width: this.place.clientWidth, height: this.place.clientHeight };
  }

  /** @param {number[]} times @param {number[][]} values @param {number} width of a bar in seconds */
  show(times, values, width) {
    this.values = values;
    this.times = times;
    this.width = width;
    const sums = [];
    values.forEach((column, place) => sums.push(column.map((value, i) => (value === null ? null : value + (place ? sums[place - 1][i] : 0)))));
    this.data = [times.map((time) => time + width / 2), ...sums.reverse()];
    if (this.plot) this.plot.setData(this.data);
    else this.renew();
  }

  renew() {
    if (!this.data) return;
    if (this.plot) this.plot.destroy();
    this.plot = new uPlot(this.options(), this.data, this.place);
  }

  options() {
    const style = getComputedStyle(document.documentElement);
    const token = (name) => style.getPropertyValue(name).trim();
    const font = `${Math.round(parseFloat(style.fontSize) * 0.8)}px system-ui, sans-serif`;
    const scale = parseFloat(style.fontSize) / 15;
    const bars = uPlot.paths.bars({ size: [0.92, 60], align: 0 });
    const axis = { stroke: token("--muted"), font, ticks: { stroke: token("--line"), width: 1, size: 4 } };
    return {
      ...this.size(),
      padding: [8, 6, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: {
        x: { time: true, range: () => [this.times[0], this.times.at(-1) + this.width] },
        y: { range: (_, __, most) => [0, Math.max(1, (most || 0) * 1.08)] },
      },
      axes: [
        { ...axis, grid: { show: false }, space: 70 * scale, size: 28 * scale, values: "{HH}:{mm}" },
        { ...axis, grid: { stroke: token("--line"), width: 1 }, size: 40 * scale, space: 34 * scale, values: (_, marks) => marks.map((mark) => rate(mark)) },
      ],
      series: [{}, ...[...this.names].reverse().map((name) => ({ label: name, fill: token(`--${name}-fill`), width: 0, paths: bars, points: { show: false } }))],
      hooks: { setCursor: [(plot) => this.onPoint(plot.cursor.idx ?? null)] },
    };
  }
}
