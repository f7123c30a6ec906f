/*
 * What several parts of the call page ask of a record. Pure; a record is an
 * object of docs/REPORT.md, times are text, results are ms since its start.
 */
import { sinceStart, unixMs } from './time.js';

/* What travels with audio and is no codec of its own. */
const beside = new Set(['telephone-event', 'cn', 'red', 'rtx', 'ulpfec', 'flexfec',
	'flexfec-03']);

const repairCodecs = new Set(['rtx', 'ulpfec', 'flexfec', 'flexfec-03']);

/* a is the caller, b the callee; in a session they have these names already. */
export function sideOf(sender) {
	return { caller: 'a', callee: 'b', a: 'a', b: 'b' }[sender] ?? null;
}

export function otherSide(side) {
	return { a: 'b', b: 'a' }[side] ?? null;
}

/* caller, callee; in a session "side a", "side b"; for nobody "somebody". */
export function sideName(record, side) {
	if (side === null)
		return 'somebody';
	if (record.type === 'session')
		return `side ${side}`;
	return side === 'a' ? 'caller' : 'callee';
}

/* The same inside of a sentence: "the caller", "side a". */
export function theSide(record, side) {
	return record.type === 'session' || side === null ? sideName(record, side) :
		`the ${sideName(record, side)}`;
}

export function capital(text) {
	return text.charAt(0).toUpperCase() + text.slice(1);
}

export function at(record, text) {
	return sinceStart(unixMs(record.start), text);
}

/* The length of the axis that all of a record needs: media may go on behind
 * the BYE. */
export function axisLength(record) {
	const times = [record.end, ...record.messages.map((m) => m.time),
		...record.streams.map((s) => s.last),
		...record.ice.flatMap((i) => i.pairs.map((p) => p.last)),
		...record.dtls.map((d) => d.finished ?? d.started),
		...record.turn.map((t) => t.closed ?? t.created)];

	return Math.max(record.duration_ms ?? 0, 1, ...times.map((t) => at(record, t) ?? 0));
}

export function isRepair(stream) {
	return Boolean(stream.repairs) || repairCodecs.has((stream.codec ?? '').toLowerCase());
}

/* A stream's codecs without events, silence and redundancy. */
export function realCodecs(stream) {
	return stream.codecs.filter((c) => c.codec && !beside.has(c.codec.toLowerCase()));
}

/* Streams that carry media of their own. */
export function mediaStreams(record) {
	return record.streams.filter((s) => !isRepair(s));
}

/* The stream as its sender sent it: hop 1, outside of TURN where it is seen
 * there, most packets first. */
export function firstHops(record) {
	return mediaStreams(record).filter((s) => s.hop === 1)
		.sort((x, y) => y.packets - x.packets);
}

/* Inside of a sentence: "the callee's audio", "side a's video", "media from
 * 10.0.0.1:4000". */
export function streamName(record, stream) {
	const kind = stream.media === 'unknown' ? 'media' : stream.media;
	const side = sideOf(stream.sender);
	const hop = stream.hop > 1 ? ` at hop ${stream.hop}` : '';

	if (side === null)
		return `${kind} from ${stream.src}${hop}`;
	return `${theSide(record, side)}'s ${kind}${hop}`;
}

/* Host of an address, without port and brackets; null for null. */
export function host(addr) {
	if (!addr)
		return null;
	const bracket = /^\[([^\]]*)\](?::\d+)?$/.exec(addr);

	if (bracket)
		return bracket[1];
	return addr.replace(/^([^:]+):\d+$/, '$1');
}

export function port(addr) {
	const found = /^(?:\[[^\]]*\]|[^:]+):(\d+)$/.exec(addr ?? '');

	return found ? Number(found[1]) : null;
}

/* "INVITE", "180", with what a hop or a copy adds left out. */
export function messageName(m) {
	return m.status === null ? m.method : String(m.status);
}

/* The first message that holds, as an index; -1 where there is none. */
export function findMessage(record, holds) {
	return record.messages.findIndex((m) => !m.retransmission && holds(m));
}

/* Evidence {message} with a label, or nothing: for lists of evidence. */
export function messageEvidence(record, index, label) {
	const m = record.messages[index];

	return m ? [{ label: label ?? messageName(m), message: index, from: at(record, m.time),
		to: at(record, m.time) }] : [];
}

export function streamEvidence(record, stream, from, to) {
	return {
		label: `${stream.codec ?? stream.media} ${host(stream.src)} → ${host(stream.dst)}`,
		stream: stream.stream_uid,
		from: from ?? at(record, stream.first),
		to: to ?? at(record, stream.last),
	};
}
