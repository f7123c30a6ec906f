/* Calls that belong together: what differs from leg to leg. Pure. */
import { mosWithScale, percent, span } from '../core/format.js';
import { causeText } from './names.js';
import { firstHops, sideOf } from './facts.js';
import { unixMs } from './time.js';

const TIMES = [['start', 'INVITE'], ['ring', 'ring'], ['answer', 'answer'], ['end', 'end']];

/* The best seen audio stream of a side. */
function audioOf(record, side) {
	return firstHops(record).find((s) => sideOf(s.sender) === side &&
		s.media === 'audio') ?? null;
}

function row(what, side, one, other, note = '') {
	return { what, side, one: one ?? '–', other: other ?? '–', note };
}

function differing(what, side, one, other, note) {
	return one === other ? [] : [row(what, side, one, other, note)];
}

function streamRows(one, other, side) {
	const a = audioOf(one, side);
	const b = audioOf(other, side);
	const text = (s, f) => s === null ? null : f(s);

	if (!a && !b)
		return [];
	return [
		...differing('codec', side, text(a, (s) => s.codec), text(b, (s) => s.codec),
			a?.codec && b?.codec ? 'transcoded' : ''),
		...differing('ptime', side, text(a, ptime), text(b, ptime)),
		...differing('DSCP', side, text(a, dscp), text(b, dscp)),
		...differing('lost', side, text(a, loss), text(b, loss)),
		...differing('jitter', side, text(a, jitter), text(b, jitter)),
		...differing('MOS', side, text(a, score), text(b, score)),
		...differing('SRTP', side, text(a, srtp), text(b, srtp)),
	];
}

function ptime(s) {
	return s.ptime_ms === null ? '–' : `${s.ptime_ms} ms`;
}

function dscp(s) {
	return s.dscp === null ? '–' : String(s.dscp);
}

function loss(s) {
	return `${percent(s.loss_pct)} %`;
}

function jitter(s) {
	return s.jitter_ms?.mean === null || s.jitter_ms?.mean === undefined ? '–' :
		`${s.jitter_ms.mean.toFixed(1)} ms`;
}

function score(s) {
	return mosWithScale(s.mos?.adaptive ?? null, s.mos?.scale);
}

function srtp(s) {
	return s.srtp ?? 'none';
}

/* How much later the second leg's moments are. */
function timeRows(one, other) {
	return TIMES.flatMap(([key, name]) => {
		const a = unixMs(one[key]);
		const b = unixMs(other[key]);

		return a === null || b === null ? [] :
			[row(name, null, `+${span(a - unixMs(one.start))}`,
				`+${span(b - unixMs(other.start))}`,
				`${b >= a ? '' : '−'}${span(Math.abs(b - a))} ${b >= a ? 'later' : ''}`.trim())];
	});
}

function digits(record) {
	return (record.dtmf ?? []).map((d) => d.digit).join(' ') || null;
}

/* [{what, side, one, other, note}]: what is not the same in two legs, and when
 * the moments of both were. */
export function legDifferences(one, other) {
	return [
		...timeRows(one, other),
		...differing('status', null, one.status === null ? null : String(one.status),
			other.status === null ? null : String(other.status)),
		...differing('ended by', null, one.ended_by, other.ended_by),
		...differing('Q.850', null, one.q850 === null ? null : causeText(one.q850),
			other.q850 === null ? null : causeText(other.q850)),
		...differing('transport', null, one.transport, other.transport),
		...differing('keys pressed', null, digits(one), digits(other)),
		...streamRows(one, other, 'a'),
		...streamRows(one, other, 'b'),
	];
}

/* Both on one axis: ms that the second leg's start is behind the first one's. */
export function shiftOf(one, other) {
	const a = unixMs(one.start);
	const b = unixMs(other.start);

	return a === null || b === null ? 0 : Math.round((b - a) * 1000) / 1000;
}
