// Time ranges in the address: from and to are "-2h" or UTC, "2026-11-26T14:00"
// (as callscope export has them); the browser's zone is only on the screen.
import { dayAndClock, span, toMs } from './format.js';

const units = { s: 1000, m: 60e3, h: 3600e3, d: 86400e3, w: 7 * 86400e3 };

export const presets = [
	{ from: '-15m', label: 'last 15 min' },
	{ from: '-2h', label: 'last 2 h' },
	{ from: '-24h', label: 'last 24 h' },
	{ from: '-7d', label: 'last 7 days' },
	{ from: '-30d', label: 'last 30 days' },
	{ from: null, label: 'all time' },
];

/* Milliseconds that "-2h" goes back, null for anything else. */
export function ago(text) {
	const m = /^-(\d+(?:\.\d+)?)([smhdw])$/.exec(text ?? '');

	return m ? Number(m[1]) * units[m[2]] : null;
}

/* UTC as the API takes it: seconds, no zone. */
export function utcText(ms) {
	return new Date(ms).toISOString().slice(0, 19);
}

/* Milliseconds since 1970 of a bound, null for none or no time. */
export function boundMs(text, now = Date.now()) {
	const back = ago(text);

	if (back !== null)
		return now - back;
	if (!text)
		return null;
	if (text === 'now')
		return now;
	return toMs(/Z$|[+-]\d\d:\d\d$/.test(text) ? text :
		text.includes('T') ? `${text}Z` : `${text}T00:00:00Z`);
}

/* What a bound is in an <input type="datetime-local">, and back. */
export function toInput(text, now = Date.now()) {
	const ms = boundMs(text, now);

	if (ms === null)
		return '';
	return dayAndClock(new Date(ms).toISOString(), { ms: false }).replace(' ', 'T');
}

export function fromInput(text) {
	const ms = text ? new Date(text).getTime() : NaN;

	return Number.isNaN(ms) ? null : utcText(ms);
}

/* A range in words, times in the browser's zone. */
export function rangeText(from, to) {
	const preset = presets.find((p) => p.from === (from || null));

	if (!to && preset)
		return preset.label;
	const back = ago(from);

	if (!to && back !== null)
		return `last ${span(back)}`;
	const words = (t) => dayAndClock(new Date(boundMs(t) ?? 0).toISOString(),
		{ ms: false }).slice(0, 16);

	if (from && to)
		return `${words(from)} – ${words(to)}`;
	return from ? `since ${words(from)}` : `until ${words(to)}`;
}
