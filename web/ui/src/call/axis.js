// The horizontal axis that all panels of a call have in common. Pure.

/* Room left and right of a plot, pixels: the same everywhere, so that one
 * moment is one vertical line over all panels. */
export const GUTTER = { left: 46, right: 10 };

export function plotWidth(width) {
	return Math.max(1, width - GUTTER.left - GUTTER.right);
}

export function xOf(t, [from, to], width) {
	return GUTTER.left + (t - from) / (to - from) * plotWidth(width);
}

/* The moment under a pixel, inside of what is shown. */
export function tOf(x, [from, to], width) {
	const part = (x - GUTTER.left) / plotWidth(width);

	return from + Math.min(1, Math.max(0, part)) * (to - from);
}

const STEPS_MS = [
	1, 2, 5, 10, 20, 50, 100, 200, 500,
	1e3, 2e3, 5e3, 10e3, 20e3, 30e3, 60e3, 120e3, 300e3, 600e3, 1200e3, 1800e3,
	3600e3, 7200e3, 14400e3, 43200e3, 86400e3,
];

/* Moments to be named, at most one each `room` pixels. */
export function ticks([from, to], width, room = 70) {
	const most = Math.max(1, plotWidth(width) / room);
	const step = STEPS_MS.find((s) => (to - from) / s <= most) ??
		STEPS_MS.at(-1);
	const out = [];

	for (let t = Math.ceil(from / step) * step; t <= to; t += step)
		out.push(Math.round(t * 1000) / 1000);
	return { step, at: out };
}

function two(n) {
	return String(n).padStart(2, '0');
}

/* "0:05", "1:02:03", "0:05.250": time since the call's start, as exact as a
 * step between ticks asks for. */
export function timeLabel(t, step = 1) {
	const sign = t < 0 ? '-' : '';
	const ms = Math.round(Math.abs(t));
	const s = Math.floor(ms / 1000);
	const h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
	const fraction = step >= 1000 ? '' : `.${String(ms % 1000).padStart(3, '0')}`;

	return `${sign}${h ? `${h}:${two(m)}` : m}:${two(s % 60)}${fraction}`;
}
