// What a stream is called, and its colour and dash in charts. Pure.
import { sideOf } from './nat_words.js';

const dashes = [[], [6, 3], [2, 3], [10, 3, 2, 3]];

/* "a PCMA", "b VP8 hop 2"; streams of one name get their SSRC, too. */
export function streamName(s, all = []) {
	const name = nameOf(s);
	const twins = all.filter((o) => nameOf(o) === name).length;

	return twins > 1 ? `${name} ${s.ssrc}` : name;
}

function nameOf(s) {
	return [sideOf(s.sender) ?? '?', s.codec ?? s.media,
		s.hop > 1 ? `hop ${s.hop}` : ''].filter(Boolean).join(' ');
}

export function sideColour(side) {
	return { a: '--a', b: '--b' }[side] ?? '--muted';
}

/* How the shown streams are drawn: { stream_uid: {colour, dash, name} }. The
 * streams of one side share its colour and differ by their dashes. */
export function looks(shown) {
	const used = {};
	const out = {};

	for (const s of shown) {
		const side = sideOf(s.sender) ?? 'x';
		const n = used[side] = (used[side] ?? -1) + 1;

		out[s.stream_uid] = {
			colour: sideColour(side), dash: dashes[n % dashes.length],
			name: streamName(s, shown), side,
		};
	}
	return out;
}
