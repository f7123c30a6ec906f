// What uPlot is told: axes, colours of the theme, crosshair, zoom.
import uPlot from 'uplot';
import { lonely } from '../core/series.js';
import { colour } from '../core/theme.js';

const FONT = '11px system-ui, sans-serif';

/* The colours of style.css are written #rrggbb. */
function fade(name) {
	return `${colour(name)}2e`;
}

/* A point between two gaps, which has no line, is drawn as one. */
function alone(u, n) {
	const [from, to] = u.series[0].idxs ?? [0, -1];

	return lonely(u.data[n], from, to);
}

function lineOf(s) {
	const bars = s.bars && uPlot.paths.bars({ size: [0.9, 40], align: 1 });

	return {
		label: s.label,
		stroke: colour(s.colour),
		width: s.bars ? 0 : s.width ?? 1.5,
		dash: s.dash,
		fill: s.bars ? colour(s.colour) : s.fill ? fade(s.colour) : undefined,
		paths: bars || undefined,
		spanGaps: false,
		points: {
			show: s.points ?? !s.bars, size: 5, fill: colour(s.colour),
			filter: s.points ? undefined : alone,
		},
	};
}

function axis(more) {
	return {
		stroke: colour('--muted'),
		grid: { stroke: colour('--line'), width: 1 },
		ticks: { show: false },
		font: FONT,
		...more,
	};
}

/* "0:42", the call's own time. */
function callTime(ms) {
	const s = Math.round(ms / 100) / 10;
	const whole = Math.floor(s);
	const rest = s - whole >= 0.05 ? `.${Math.round((s - whole) * 10)}` : '';

	return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}${rest}`;
}

const callSteps = [100, 200, 500, 1e3, 2e3, 5e3, 10e3, 15e3, 30e3, 60e3, 120e3,
	300e3, 600e3, 900e3, 1800e3, 3600e3];

/* Days and 24 hours, by how far apart two marks are (seconds): the text, and
 * what stands below it where a new year, month, day ... begins. */
const day = '\n{YYYY}-{MM}-{DD}';
const clockMarks = [
	[28 * 86400, '{YYYY}-{MM}', null, null, null, null, null, null, 1],
	[86400, '{MM}-{DD}', '\n{YYYY}', null, null, null, null, null, 1],
	[60, '{HH}:{mm}', day, null, day, null, null, null, 1],
	[1, '{HH}:{mm}:{ss}', day, null, day, null, null, null, 1],
	[0.001, ':{ss}.{fff}', day, null, day, null, '\n{HH}:{mm}', null, 1],
];

function xAxis(x) {
	return x === 'call' ?
		axis({ incrs: callSteps, values: (u, at) => at.map(callTime), size: 24 }) :
		axis({ values: clockMarks, space: 64, size: 34 });
}

/* Above 0 a little room; never a scale of no height. */
function yRange([least = null, most = null] = []) {
	return (u, min, max) => {
		const low = least ?? Math.min(0, min ?? 0);
		const high = most ?? Math.max((max ?? 0) * 1.08, low + 1);

		return [low, high];
	};
}

/* Tells the page about a new range of x that a user chose: by dragging, here
 * or in a chart of the same sync key, or by a double click. */
function zoomed(now) {
	return (u) => {
		const { min, max } = u.select.width > 0 ? {
			min: u.posToVal(u.select.left, 'x'),
			max: u.posToVal(u.select.left + u.select.width, 'x'),
		} : {};

		if (min !== undefined)
			now.current.onZoom?.([min, max]);
	};
}

export function chartOptions(now, width) {
	const { series, height = 120, x = 'time', sync, range, format = String } = now.current;

	return {
		width: Math.max(width, 50),
		height,
		padding: [6, 4, 0, 0],
		legend: { show: false },
		scales: { x: { time: x === 'time' }, y: { range: yRange(range) } },
		axes: [
			xAxis(x),
			axis({ size: 44, values: (u, at) => at.map((v) => v === null ? '' : format(v)) }),
		],
		series: [{}, ...series.map(lineOf)],
		cursor: {
			sync: sync ? { key: sync, setSeries: false } : undefined,
			drag: { x: true, y: false, setScale: !now.current.onZoom, dist: 4 },
			points: { size: 5 },
			bind: {
				dblclick: (u, target, handler) => (event) => {
					if (now.current.onZoom)
						now.current.onZoom(null);
					else
						handler(event);
					return null;
				},
			},
		},
		hooks: {
			setSelect: [zoomed(now)],
			setCursor: [(u) => now.current.onCursor?.(u.cursor.idx,
				u.cursor.left >= 0 ? u.posToVal(u.cursor.left, 'x') : null)],
		},
	};
}
