// How values are written. Pure: text of the report's values; null is a dash.

export const NOTHING = '–';

function two(n) {
	return String(n).padStart(2, '0');
}

function three(n) {
	return String(n).padStart(3, '0');
}

/* Milliseconds since 1970 of RFC 3339 text, null where there is none. */
export function toMs(text) {
	const ms = text ? Date.parse(text) : NaN;

	return Number.isNaN(ms) ? null : ms;
}

/* 14:01:55.120 of the browser's zone. */
export function clock(text, { ms = true } = {}) {
	const at = toMs(text);

	if (at === null)
		return NOTHING;
	const d = new Date(at);
	const hms = `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;

	return ms ? `${hms}.${three(d.getMilliseconds())}` : hms;
}

/* 2026-11-26 of the browser's zone. */
export function day(text) {
	const at = toMs(text);

	if (at === null)
		return NOTHING;
	const d = new Date(at);

	return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
}

export function dayAndClock(text, options) {
	return toMs(text) === null ? NOTHING : `${day(text)} ${clock(text, options)}`;
}

/* What a time says when pointed at: UTC, all digits. */
export function utc(text) {
	return text ? text.replace('T', ' ').replace(/Z$/, ' UTC') : '';
}

/* CET, or GMT+5:30 where the zone has no short name. */
export function zone(date = new Date()) {
	const parts = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' })
		.formatToParts(date);

	return parts.find((p) => p.type === 'timeZoneName').value;
}

/* 00:42, 1:02:10. */
export function duration(ms) {
	if (ms === null || ms === undefined)
		return NOTHING;
	const s = Math.round(ms / 1000);
	const h = Math.floor(s / 3600);
	const rest = `${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;

	return h > 0 ? `${h}:${rest}` : rest;
}

/* In a sentence: 80 ms, 4.2 s, 42 s, 3 min 20 s, 2 h 5 min. */
export function span(ms) {
	if (ms === null || ms === undefined)
		return NOTHING;
	if (ms < 1000)
		return `${Math.round(ms)} ms`;
	if (ms < 9950)
		return `${(ms / 1000).toFixed(1)} s`;
	const s = Math.round(ms / 1000);

	if (s < 60)
		return `${s} s`;
	if (s < 3600)
		return `${Math.floor(s / 60)} min${s % 60 ? ` ${s % 60} s` : ''}`;
	const min = Math.round(s / 60);

	return `${Math.floor(min / 60)} h${min % 60 ? ` ${min % 60} min` : ''}`;
}

/* Digits behind the point are fixed; groups of three by thin spaces. */
export function number(v, digits = 0) {
	if (v === null || v === undefined || Number.isNaN(v))
		return NOTHING;
	const [whole, part] = Math.abs(v).toFixed(digits).split('.');
	const sign = v < 0 && Number(v.toFixed(digits)) !== 0 ? '-' : '';

	return sign + whole.replace(/\B(?=(\d{3})+$)/g, '\u202f') +
		(part ? `.${part}` : '');
}

/* 0, 0.05, 6.2, 12: what matters of a percentage, without the sign. */
export function percent(v) {
	if (v === null || v === undefined)
		return NOTHING;
	if (v === 0 || v >= 99.95)
		return v.toFixed(0);
	if (v < 0.1)
		return v < 0.005 ? '<0.01' : v.toFixed(2);
	return v.toFixed(1);
}

/* 4.3 */
export function mos(v) {
	return v === null || v === undefined ? NOTHING : v.toFixed(1);
}

const scales = { nb: 'NB', wb: 'WB', swb: 'SWB', fb: 'FB' };

/* 4.3 NB: a score with its scale. */
export function mosWithScale(v, scale) {
	if (v === null || v === undefined)
		return NOTHING;
	return `${mos(v)} ${scales[String(scale).toLowerCase()] ?? scale ?? ''}`.trim();
}

/* The lower end of each class; a score is never compared across scales. */
export function mosClass(v) {
	if (v === null || v === undefined)
		return '';
	return v < 3.1 ? 'bad' : v < 3.6 ? 'poor' : '';
}

/* 4.1 MB */
export function bytes(n) {
	if (n === null || n === undefined)
		return NOTHING;
	const units = ['B', 'kB', 'MB', 'GB', 'TB'];
	let u = 0;

	while (n >= 999.5 && u < units.length - 1) {
		n /= 1000;
		u++;
	}
	return `${n.toFixed(u > 0 && n < 9.95 ? 1 : 0)} ${units[u]}`;
}

/* Host of "10.0.0.1:5060" or "[2001:db8::1]:5060"; others as they are. */
export function hostOf(addr) {
	if (!addr)
		return NOTHING;
	const bracket = /^\[([^\]]*)\]/.exec(addr);

	if (bracket)
		return bracket[1];
	return /^[^:]*:\d+$/.test(addr) ? addr.slice(0, addr.lastIndexOf(':')) : addr;
}

export function portOf(addr) {
	const port = /[^:]:(\d+)$/.exec(addr ?? '');

	return port && (addr.startsWith('[') || /^[^:]*:\d+$/.test(addr)) ?
		Number(port[1]) : null;
}

/* Both sides in one cell: "4.3│2.1". */
export function sides(a, b, format) {
	return a === null && b === null ? NOTHING : `${format(a)}│${format(b)}`;
}

/* "1 call", "2 calls" */
export function count(n, one, many = `${one}s`) {
	return `${number(n)} ${n === 1 ? one : many}`;
}
