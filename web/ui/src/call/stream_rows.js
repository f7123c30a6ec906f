// What the table of streams says. Pure.
import { sideOf } from './nat_words.js';

/* Streams in the order of the table: a before b, audio first, by hop. */
export function orderStreams(streams) {
	const media = ['audio', 'video', 'application', 'unknown'];
	const side = (s) => sideOf(s.sender) ?? 'z';

	return [...streams].sort((x, y) =>
		media.indexOf(x.media) - media.indexOf(y.media) ||
		(isRepair(x) ? 1 : 0) - (isRepair(y) ? 1 : 0) ||
		side(x).localeCompare(side(y)) || x.hop - y.hop ||
		(x.first ?? '').localeCompare(y.first ?? ''));
}

/* A stream that only repairs another is no media of its own. */
export function isRepair(s) {
	return Boolean(s.repairs) ||
		['rtx', 'ulpfec', 'flexfec'].includes((s.codec ?? '').toLowerCase());
}

/* The streams that charts show at first: the one hop-1 audio stream of each
 * side, else whatever there is of it. */
export function shownFirst(call) {
	const own = ['a', 'b'].map((side) => call[side]?.stream_uid).filter(Boolean);
	const rest = orderStreams(call.streams).filter((s) => !isRepair(s));

	if (own.length)
		return own;
	return rest.slice(0, 2).map((s) => s.stream_uid);
}

const keyWords = {
	missing: 'encrypted, no key',
	ok: 'opened',
	partly: 'opened in part: some packets fit no key',
	wrong: 'the keys do not fit',
	unverified: 'opened (the suite has no tag to check)',
	unsupported: 'nothing here can open this suite',
};

export function srtpText(s) {
	if (!s.srtp)
		return 'RTP';
	const suite = s.srtp === 'unknown' ? 'SRTP' : s.srtp;
	const keys = s.key_state ? `: ${keyWords[s.key_state] ?? s.key_state}` : '';

	return suite + keys;
}

/* What brought lost packets back, null where there is nothing to say. */
export function repairText(s) {
	const r = s.repair;

	if (s.repairs)
		return `repairs ${s.repairs}`;
	if (!r || (!r.rtx && !r.red && !r.fec))
		return null;
	const by = [['RTX', r.rtx], ['RED', r.red], ['FEC', r.fec]]
		.filter(([, n]) => n > 0).map(([name, n]) => `${n} ${name}`).join(', ');

	return `${by}; ${r.lost_after === null ? 'what stayed lost is not known' :
		`${r.lost_after} still lost`}`;
}

export function videoText(s) {
	const v = s.video;

	if (!v)
		return null;
	const parts = [];

	if (v.width && v.height)
		parts.push(`${v.width}×${v.height}`);
	if (v.fps !== null && v.fps !== undefined)
		parts.push(`${Math.round(v.fps)} fps`);
	parts.push(`${v.frames} frames`);
	if (v.keyframes !== null)
		parts.push(`${v.keyframes} key`);
	return parts.join(', ');
}

const classNames = {
	46: 'EF', 44: 'VA', 0: 'best effort', 8: 'CS1', 16: 'CS2', 24: 'CS3',
	32: 'CS4', 40: 'CS5', 48: 'CS6', 56: 'CS7',
};

/* "46 EF", "34 AF41" (RFC 2474, 2597, 3246). */
export function dscpText(dscp) {
	if (dscp === null || dscp === undefined)
		return null;
	const af = dscp % 2 === 0 && dscp >= 10 && dscp <= 38 &&
		[1, 2, 3].includes((dscp >> 1) & 3) ? `AF${dscp >> 3}${(dscp >> 1) & 3}` : null;
	const name = classNames[dscp] ?? af;

	return name ? `${dscp} ${name}` : String(dscp);
}

export function codecText(s) {
	const guess = s.codec_guessed ? ' (guessed)' : '';
	const others = (s.codecs ?? []).filter((c) => c.codec && c.codec !== s.codec &&
		!/^(telephone-event|cn)$/i.test(c.codec));

	return (s.codec ?? 'unknown') + guess +
		(others.length ? `, ${others.map((c) => c.codec).join(', ')}` : '');
}

/* The four scores as one text for a title, with scale and formula. */
export function mosTitle(m) {
	if (!m || m.adaptive === null)
		return 'No score: nothing is known for this codec.';
	const n = (v) => v === null ? '–' : v.toFixed(2);

	return `${m.scale} by ITU-T ${m.model}${m.assumed ? ' (values assumed)' : ''}: ` +
		`fixed 50 ms ${n(m.f1)}, fixed 200 ms ${n(m.f2)}, adaptive ${n(m.adaptive)}, ` +
		`worst 10 s ${n(m.min)}`;
}

/* What the receiver said about a stream, beside what the tap saw. */
export function peerView(s) {
	const r = s.rtcp;

	if (!r || (!r.rr && !r.xr))
		return null;
	return {
		fraction_lost_max: r.fraction_lost_max, lost: r.lost_reported,
		jitter_ms_max: r.jitter_ms_max, rtt_ms_mean: r.rtt_ms_mean,
		rtt_ms_max: r.rtt_ms_max, reports: r.rr,
	};
}

/* A difference between the tap and the receiver that says where it happened;
 * null when they agree or one of them is silent. */
export function compareViews(s) {
	const peer = peerView(s);

	if (!peer || peer.lost === null || s.lost === null)
		return null;
	const more = peer.lost - s.lost;

	if (more > Math.max(3, s.expected * 0.002))
		return `The receiver misses ${more} packets more than the tap: they were ` +
			'lost behind it.';
	return null;
}

/* Whether the record says that the tap itself missed something. */
export function partialText(call) {
	return {
		gap: 'The tap lost packets here: an answer shows that a message in between ' +
			'was not seen. Losses below may be the tap\'s own.',
		start: 'The capture began inside of this call: what was before is not here.',
		end: 'The capture ended before the call did.',
		both: 'The capture began and ended inside of this call.',
	}[call.partial] ?? null;
}

/* The server's reason, without the uid that this page is about. */
function plainWhy({ why }) {
	return why?.replace(/^[0-9A-Z]{26}: /, '');
}

/* What the charts rest on, when that is less than packets. */
export function sourceText(timeline) {
	if (timeline.source === 'packets')
		return timeline.truncated ?
			'So long a call that not all of it was read: the charts end early.' : null;
	if (timeline.source === 'slices')
		return 'There is no recording of this call: the charts show what was kept, ' +
			'slices of 10 seconds' + (timeline.why ? ` (${plainWhy(timeline)}).` : '.');
	return plainWhy(timeline) ?? 'Nothing was kept of how this call\'s media went over time.';
}
