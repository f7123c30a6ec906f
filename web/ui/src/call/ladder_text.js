/* What stands beside the rows of a ladder. Pure. */
import { clock, span, utc } from '../core/format.js';

export const clocks = [['rel', 'since start'], ['abs', 'clock'], ['delta', 'since before']];

/* +0 ms, +210 ms, +1.234 s, +2:03.400 */
export function relative(ms) {
	const sign = ms < 0 ? '−' : '+';
	const v = Math.abs(ms);

	if (v < 1)
		return `${sign}${v.toFixed(v < 0.1 && v > 0 ? 2 : 1).replace(/\.0$/, '')} ms`;
	if (v < 1000)
		return `${sign}${v < 10 ? v.toFixed(1) : Math.round(v)} ms`;
	if (v < 60000)
		return `${sign}${(v / 1000).toFixed(3)} s`;
	const s = Math.floor(v / 1000);
	const rest = String(s % 60).padStart(2, '0');

	return `${sign}${Math.floor(s / 60)}:${rest}.${String(Math.floor(v % 1000)).padStart(3, '0')}`;
}

function isoOf(startMs, t) {
	return new Date(startMs + t).toISOString();
}

/* Texts of the time column, one a row: {text, title: in UTC}; breaks, and
 * what has no time, have none. */
export function timeColumn(rows, mode, startMs) {
	let before = null;

	return rows.map((row) => {
		if (row.kind === 'gap' || row.kind === 'end' || row.untimed)
			return null;
		const since = before === null ? 0 : row.t - before;

		before = row.t;
		return {
			text: mode === 'abs' ? clock(isoOf(startMs, row.t)) :
				relative(mode === 'delta' ? since : row.t),
			title: utc(isoOf(startMs, row.t)),
		};
	});
}

export function gapText(ms) {
	return `⋮ ${span(ms)}`;
}

/* What a message is called by who cannot see the drawing; it begins with what is
 * written at the arrow. */
export function spoken(row, lanes, shown) {
	const marks = [
		row.retransmission ? 'retransmission' : null,
		row.hop > 1 ? `hop ${row.hop}` : null,
		row.sdp ? 'with SDP' : null,
	].filter(Boolean);

	return `${shown}, ${lanes[row.from].key} to ${lanes[row.to].key}, ` +
		`${relative(row.t)}, CSeq ${row.cseq}` +
		(marks.length > 0 ? ` (${marks.join(', ')})` : '');
}
