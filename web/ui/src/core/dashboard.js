// Figures of GET /stats for the dashboard: ranges, series, links. Pure.
import { count, duration, mos, number, percent, span, toMs } from './format.js';
import { searchHref } from './router.js';
import { boundMs, utcText } from './timerange.js';

/* What is shown when the address says nothing. */
export const FIRST = '-24h';

/* As far back as the server counts. */
export const LONGEST = '-999d';
const DAY = 86400e3;

/* { from, to } of the address: "all" is as far back as it goes, nothing is the
 * last day, or the day before `to`. */
export function rangeOf({ from, to }) {
	const bound = to || null;

	if (from === 'all')
		return { from: LONGEST, to: bound };
	if (from)
		return { from, to: bound };
	return { from: bound ? utcText(boundMs(bound) - DAY) : FIRST, to: bound };
}

/* What of it the menu of ranges shows as chosen. */
export function shownRange({ from, to }) {
	return { from: from === LONGEST ? null : from, to };
}

/* What the address says of a range that somebody chose. */
export function rangeQuery({ from, to }) {
	return { from: from || (to ? null : 'all'), to: to || null };
}

/* A range that was dragged over, in seconds of x; the one before is kept. */
export function zoomQuery([min, max], query) {
	const before = query.was ?? `${query.from ?? ''}~${query.to ?? ''}`;

	return {
		from: utcText(Math.floor(min) * 1000),
		to: utcText(Math.ceil(max) * 1000),
		was: before,
	};
}

/* Back to where zooming began. */
export function unzoomQuery({ was }) {
	const [from, to] = (was ?? '').split('~');

	return { from: from || null, to: to || null, was: null };
}

/* Two searches as one. */
export function both(q, more) {
	return [q, more].filter(Boolean).join(' ');
}

/* What an answer's figures are of, exactly: "last 24 h" was a minute ago
 * another day, and an unfinished one is of less. */
export function askedOf(stats, q) {
	const from = stats.complete ? stats.from : stats.covered_from;

	return { q, from: utcText(toMs(from)), to: utcText(toMs(stats.to)) };
}

/* The calls of a figure: what is asked for, and one thing more. */
export function callsHref({ q = '', from, to }, more = '') {
	return searchHref(both(q, more), { from, to });
}

const searches = {
	calls: 'type:call',
	answered: 'type:call status:2xx',
	failed: 'type:call state:failed',
	bad_mos: 'mos<3.5',
	sessions: 'type:session',
};

/* The search that finds the calls of a total. */
export function totalSearch(stats, name) {
	return stats.totals.q?.[name] ?? searches[name] ?? '';
}

/* [seconds, ...values] for a chart; a step without calls has no mean. */
export function chartData(series, names) {
	return [series.t.map((ms) => ms / 1000), ...names.map((n) => series[n])];
}

/* From the first step to the end of the last, in seconds. */
export function bounds({ series, step_ms: step }) {
	const { t } = series;

	return t.length ? [t[0] / 1000, (t[t.length - 1] + step) / 1000] : undefined;
}

/* When it all began, as from; null where it fills a quarter of the range or
 * more, or where there is nothing: then a closer look shows no more. */
export function beginOf({ series, from, to }) {
	const { t, calls, concurrent } = series;
	const first = t.findIndex((ms, i) => calls[i] > 0 || concurrent[i] > 0);

	if (first <= 0)
		return null;
	const all = toMs(to) - toMs(from);

	return (toMs(to) - t[first]) * 4 > all ? null : utcText(t[first]);
}

/* Bars of a histogram: { low, label, count, share, q }; low: its lower edge,
 * share of the tallest. */
export function barsOf(name, { edges, counts, q }) {
	const most = Math.max(1, ...counts);

	return counts.map((count, i) => ({
		low: edgeText(name, edges[i]),
		label: barLabel(name, edges, i, counts.length),
		count,
		share: count / most,
		q: q?.[i] ?? barSearch(name, edges, i, counts.length),
	}));
}

/* The last one has no end: what is beyond belongs to it. */
function isOpen(edges, i, n) {
	return i === n - 1;
}

function edgeText(name, v) {
	if (name === 'pdd')
		return v < 1000 ? String(v) : `${v / 1000} s`;
	return String(v);
}

function barLabel(name, edges, i, n) {
	const from = edgeText(name, edges[i]);

	if (isOpen(edges, i, n) && name !== 'mos')
		return `≥ ${from}`;
	return `${from}–${edgeText(name, edges[i + 1])}`;
}

function barSearch(name, edges, i, n) {
	const low = `${name === 'pdd' ? 'type:call ' : ''}${name}>=${edges[i]}`;

	return isOpen(edges, i, n) ? low : `${low} ${name}<${edges[i + 1]}`;
}

/* The tiles: [{ key, title, value, unit, about, q, note, more, moreText, moreQ,
 * bad }]; q null: no calls to link to; more: a second count, with its link. */
export function tilesOf(stats) {
	const t = stats.totals;
	const link = (name) => totalSearch(stats, name);

	return [
		{
			key: 'calls', title: 'Calls', value: number(t.calls), q: link('calls'),
			more: t.sessions, moreText: count(t.sessions ?? 0, 'session'), moreQ: link('sessions'),
		},
		{ key: 'answered', title: 'Answered', value: number(t.answered), q: link('answered') },
		{ key: 'failed', title: 'Failed', value: number(t.failed), q: link('failed') },
		{ key: 'concurrent', title: 'At once', value: number(t.concurrent_max), unit: 'most', q: null },
		{
			key: 'asr', title: 'ASR', value: percent(t.asr_pct), unit: '%', q: null,
			about: 'answer-seizure ratio: answered of all calls that came to an end',
		},
		{
			key: 'ner', title: 'NER', value: percent(t.ner_pct), unit: '%', q: null,
			about: 'network effectiveness ratio: answered, busy, refused, or it rang and nobody answered',
		},
		{ key: 'acd', title: 'ACD', value: duration(t.acd_ms), unit: 'min:s', q: null, about: 'average duration of an answered call' },
		{
			key: 'pdd', title: 'PDD', value: span(t.pdd_ms_mean), q: null,
			note: t.pdd_ms_p95 === null ? '' : `95 %: ${span(t.pdd_ms_p95)}`,
			about: 'post-dial delay: from the INVITE to ringing, or to the final response',
		},
		{
			key: 'mos', title: 'MOS', value: mos(t.mos_mean), unit: 'mean', q: null,
			more: t.bad_mos, moreText: `${number(t.bad_mos)} below 3.5`, moreQ: link('bad_mos'),
			bad: true,
		},
		{ key: 'loss', title: 'Loss', value: percent(t.loss_pct_mean), unit: '% mean', q: null },
	];
}

export const groups = [
	['trunk', 'Trunks'],
	['caller_ip', 'Caller IPs'],
	['callee_ip', 'Callee IPs'],
	['agent', 'Agents'],
	['codec', 'Codecs'],
];

/* "486 Busy Here", "no answer" where nothing came. */
export function failureText({ status, reason }) {
	if (status === null || status === undefined)
		return reason ?? 'no final response';
	return reason ? `${status} ${reason}` : String(status);
}

/* Whether there is anything to show. */
export function isEmpty(stats) {
	return !stats.totals.calls && !stats.totals.sessions;
}
