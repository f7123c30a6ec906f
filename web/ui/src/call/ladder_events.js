/*
 * What stands in a ladder besides messages: media, ICE, DTLS and TURN, as items
 * {kind, id, t, from, to, label, ...} in no order. from and to are lanes. Pure.
 */
import { percent, span } from '../core/format.js';
import { at, mediaStreams, otherSide, sideOf } from './facts.js';
import { stunErrorText } from './names.js';

/* So many checks of one ICE entry are drawn. */
const CHECKS_MAX = 200;

function pairKey(stream) {
	return `${[stream.src, stream.dst].sort().join(' ')} ${stream.media}`;
}

/* Streams of both directions between two addresses are one bar. */
function mediaPairs(record) {
	const pairs = new Map();

	for (const s of mediaStreams(record)) {
		const key = pairKey(s);

		pairs.set(key, [...(pairs.get(key) ?? []), s]);
	}
	return [...pairs.values()];
}

function codecsOf(streams) {
	const names = [...new Set(streams.map((s) => s.codec).filter(Boolean))];

	return names.length > 0 ? names.join('/') : streams[0].media;
}

function lossOf(streams) {
	const worst = streams.reduce((w, s) => Math.max(w, s.loss_pct ?? 0), 0);

	return streams.length === 0 ? '–' : percent(worst);
}

function mediaItem(record, streams, laneOf) {
	const first = streams[0];
	const side = sideOf(first.sender);
	const from = laneOf(first.src, side);
	const to = laneOf(first.dst, otherSide(side));
	const forward = streams.filter((s) => s.src === first.src);
	const back = streams.filter((s) => s.src !== first.src);
	/* Left to right: what the left lane sends is written first. */
	const [left, right] = from <= to ? [forward, back] : [back, forward];
	const srtp = streams.some((s) => s.srtp) ? 'SRTP' : 'RTP';

	return {
		kind: 'media', id: `media ${first.stream_uid}`,
		t: Math.min(...streams.map((s) => at(record, s.first))),
		end: Math.max(...streams.map((s) => at(record, s.last))),
		from: Math.min(from, to), to: Math.max(from, to),
		media: first.media, streams: streams.map((s) => s.stream_uid),
		both: left.length > 0 && right.length > 0,
		toRight: left.length > 0, toLeft: right.length > 0,
		bad: streams.some((s) => s.loss_pct >= 1),
		label: `${srtp} ${first.media === 'video' ? 'video ' : ''}${codecsOf(streams)}`,
		loss: `${lossOf(left)}│${lossOf(right)} % lost`,
	};
}

function checkItems(record, timeline, n, lanes) {
	const checks = (timeline?.checks ?? []).filter((c) => c.ice === n);

	return checks.slice(0, CHECKS_MAX).map((c, k) => {
		const pair = record.ice[n].pairs[c.pair];
		const [local, remote] = pair ? [lanes(pair.local), lanes(pair.remote)] :
			[lanes(null), lanes(null)];
		const asks = c.kind === 'request';
		/* dir is whose check it is: an answer goes the other way. */
		const towardsB = (c.dir === 'ab') === asks;

		return {
			kind: 'check', id: `check ${n} ${k}`, t: c.t, ice: n, pair: c.pair,
			from: towardsB ? local : remote, to: towardsB ? remote : local,
			bad: c.kind === 'error',
			label: asks ? `Binding${c.use_candidate ? ' USE-CANDIDATE' : ''}` :
				c.kind === 'error' ? `Binding ${c.code ?? 'error'}` : 'Binding answer',
		};
	});
}

/* Without a timeline: the first and last check of each pair that was tried. */
function pairItems(record, n, lanes) {
	return record.ice[n].pairs.flatMap((p, k) => p.first === null ? [] : [{
		kind: 'check', id: `pair ${n} ${k}`, t: at(record, p.first), ice: n, pair: k,
		from: lanes(p.local), to: lanes(p.remote), bad: p.state === 'failed',
		label: `${p.local_type ?? '?'} – ${p.remote_type ?? '?'} ${p.state}` +
			(p.selected ? ', selected' : ''),
	}]);
}

function iceLabel(ice) {
	const tried = ice.pairs.filter((p) => p.first !== null).length;
	const result = ice.result === 'connected' && ice.connect_ms !== null ?
		`connected in ${span(ice.connect_ms)}` : ice.result;
	const generation = ice.generation > 1 ? ` ${ice.generation}` : '';

	return `ICE${generation} ${result}, ${tried} ${tried === 1 ? 'pair' : 'pairs'} tried`;
}

/* From side a's lane to side b's, whatever relays are in between. */
function iceItem(record, timeline, n, { lanes: all, laneOf }) {
	const ice = record.ice[n];
	const pair = ice.pairs.find((p) => p.selected) ?? ice.pairs.find((p) => p.first) ??
		ice.pairs[0];
	const lanes = (addr) => addr === null ? -1 : laneOf(addr);
	const times = ice.pairs.map((p) => at(record, p.first)).filter((t) => t !== null);
	const ends = ['a', 'b'].map((side) => all.findIndex((l) => l.side === side))
		.map((i) => i < 0 ? undefined : i);

	return {
		kind: 'ice', id: `ice${n}`, ice: n,
		t: at(record, ice.started) ?? (times.length > 0 ? Math.min(...times) : null),
		from: ends[0] ?? lanes(pair?.local ?? null),
		to: ends[1] ?? lanes(pair?.remote ?? null),
		bad: ice.result === 'failed', label: iceLabel(ice),
		inside: () => {
			const checks = checkItems(record, timeline, n, lanes);

			return checks.length > 0 ? checks : pairItems(record, n, lanes);
		},
	};
}

function dtlsLabel(d) {
	const version = d.version ? ` ${d.version}` : '';

	if (d.state === 'finished' && d.handshake_ms !== null)
		return `DTLS${version} handshake, ${span(d.handshake_ms)}`;
	return `DTLS${version} ${d.state}${d.alert ? ` (${d.alert})` : ''}`;
}

function dtlsItem(record, timeline, n, laneOf) {
	const d = record.dtls[n];
	const from = laneOf(d.client);
	const to = laneOf(d.server);
	/* Who sent which is not told: what servers say is known by name. */
	const ofServer = /^(ServerHello|HelloVerifyRequest|HelloRetryRequest|Certificate|ServerKey)/;

	return {
		kind: 'dtls', id: `dtls${n}`, dtls: n, t: at(record, d.started), from, to,
		bad: d.state === 'failed' || d.state === 'unfinished' || d.fingerprint_match === false,
		label: dtlsLabel(d),
		inside: () => (timeline?.dtls ?? []).filter((e) => e.dtls === n).map((e, k) => ({
			kind: 'check', id: `dtls ${n} ${k}`, t: e.t, dtls: n, bad: false,
			from: ofServer.test(e.what) ? to : from, to: ofServer.test(e.what) ? from : to,
			label: e.what,
		})),
	};
}

function turnInside(record, n, from, to) {
	const t = record.turn[n];
	const item = (id, time, error, label) => ({
		kind: 'check', id: `turn ${n} ${id}`, t: at(record, time), turn: n, from, to,
		bad: error !== null,
		label: error === null ? label : `${label}: ${stunErrorText(error)}`,
	});

	return [
		...t.permissions.map((p, k) => item(`p${k}`, p.created, p.error,
			`permission for ${p.peer}`)),
		...t.channels.map((c, k) => item(`c${k}`, c.created, c.error,
			`channel ${c.channel} to ${c.peer}`)),
		...(t.closed ? [item('end', t.closed, null, 'allocation given back')] : []),
	];
}

function turnItem(record, n, laneOf) {
	const t = record.turn[n];
	const from = laneOf(t.client);
	const to = laneOf(t.server);
	const refused = !t.created && t.error !== null;

	/* When something was refused is not told: it stands first, without a time. */
	return {
		kind: 'turn', id: `turn${n}`, turn: n, t: at(record, t.created) ?? 0, from, to,
		untimed: !t.created,
		bad: refused,
		label: refused ? `TURN refused: ${stunErrorText(t.error)}` :
			t.relayed ? `TURN ${t.relayed}` : 'TURN: nothing granted',
		inside: () => turnInside(record, n, from, to),
	};
}

/* Without SIP there are no messages: descriptions stand for them. */
function offerItems(record, all) {
	const lane = (side) => all.findIndex((l) => l.side === side);
	const item = (o, n, side, time, what) => ({
		kind: 'offer', id: `${what} ${n}`, offer: n, t: at(record, time),
		from: lane(side), to: lane(otherSide(side)), side, bad: false,
		label: `SDP ${what}${o.state === 'glare' || o.state === 'refused' ?
			` (${o.state})` : ''}`,
	});

	if (record.type !== 'session')
		return [];
	return record.offers.flatMap((o, n) => [
		item(o, n, sideOf(o.by), o.time, 'offer'),
		...(o.answer_time ? [item(o, n, otherSide(sideOf(o.by)), o.answer_time, 'answer')] :
			[]),
	]);
}

/* All of them that have a time and two lanes. */
export function ladderEvents(record, timeline, places) {
	const { laneOf } = places;
	const items = [
		...offerItems(record, places.lanes),
		...mediaPairs(record).map((streams) => mediaItem(record, streams, laneOf)),
		...record.ice.map((x, n) => iceItem(record, timeline, n, places)),
		...record.dtls.map((x, n) => dtlsItem(record, timeline, n, laneOf)),
		...record.turn.map((x, n) => turnItem(record, n, laneOf)),
	];

	return items.filter(hasPlace);
}

export function hasPlace(item) {
	return item.t !== null && Number.isFinite(item.t) && item.from >= 0 && item.to >= 0;
}
