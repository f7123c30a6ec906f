/* Findings about what is inside of streams: keys and codecs, and what becomes of
 * them from hop to hop and from leg to leg. */
import { capital, firstHops, host, mediaStreams, realCodecs, sideOf, streamEvidence, streamName,
	theSide } from './facts.js';
import { timelineOf } from './findings_loss.js';

const noKey = {
	missing: ['notice', (s) => `is encrypted (${srtpName(s)}) and there is no key here: ` +
		'it cannot be played, and its keys pressed and RTCP cannot be read.'],
	wrong: ['error', (s) => `is encrypted (${srtpName(s)}), and the keys that are known ` +
		'open none of its packets.'],
	partly: ['warning', (s) => `is encrypted (${srtpName(s)}), and the keys that are known ` +
		'open only a part of it.'],
	unsupported: ['notice', (s) => `is encrypted with ${srtpName(s)}, which callscope ` +
		'cannot open.'],
};

function srtpName(stream) {
	return stream.srtp === 'unknown' || !stream.srtp ? 'SRTP, suite hidden' :
		`SRTP, ${stream.srtp}`;
}

/* Streams of the same side and state are one sentence. */
function keys({ record }) {
	const groups = new Map();
	const codeOf = { missing: 'srtp-no-key', wrong: 'srtp-keys-wrong',
		partly: 'srtp-keys-wrong', unsupported: 'srtp-unsupported' };

	for (const s of firstHops(record)) {
		const state = noKey[s.key_state];
		const key = `${s.key_state} ${s.srtp} ${s.media} ${s.sender}`;

		if (state && !groups.has(key))
			groups.set(key, {
				code: codeOf[s.key_state], severity: state[0], side: sideOf(s.sender),
				media: s.media,
				text: `${capital(streamName(record, s))} ${state[1](s)}`,
				evidence: [streamEvidence(record, s)],
			});
	}
	return mergedSides(record, [...groups.values()]);
}

/* The same said of both sides and of audio and video is said once. */
function mergedSides(record, list) {
	const notices = list.filter((f) => f.code === 'srtp-no-key');
	const audio = notices.filter((f) => f.media === 'audio');
	const rest = list.filter((f) => f.code !== 'srtp-no-key');

	if (notices.length < 2)
		return list;
	const names = [...new Set(firstHops(record).filter((s) => s.key_state === 'missing')
		.map(srtpName))].join('; ');

	return [...rest, {
		code: 'srtp-no-key', severity: 'notice', side: null,
		text: `Media is encrypted (${names}) and there is no key here: it cannot be ` +
			'played, and its keys pressed and RTCP cannot be read.',
		evidence: (audio.length > 0 ? audio : notices).flatMap((f) => f.evidence),
	}];
}

function codecChange(ctx) {
	const { record, clock } = ctx;

	return firstHops(record).filter((s) => realCodecs(s).length > 1).map((s) => {
		const names = realCodecs(s).map((c) => `${c.codec} (${c.packets} packets)`);
		const changes = (timelineOf(ctx, s)?.codecs ?? []).slice(1)
			.map((c) => `to ${c.codec ?? `payload type ${c.payload_type}`} at ${clock(c.t)}`);

		return {
			code: 'codec-change', severity: 'notice', side: sideOf(s.sender),
			text: `${capital(streamName(record, s))} changed its codec: ${names.join(', ')}` +
				(changes.length > 0 && changes.length <= 4 ? `, ${changes.join(', ')}.` : '.'),
			evidence: [streamEvidence(record, s)],
		};
	});
}

function codecUnequal({ record }) {
	const a = record.a?.codec;
	const b = record.b?.codec;

	if (!a || !b || a === b)
		return [];
	return [{
		code: 'codec-unequal', severity: 'notice', side: null,
		text: `${capital(theSide(record, 'a'))} sends ${a}, ${theSide(record, 'b')} ${b}.`,
		evidence: record.streams.filter((s) => [record.a.stream_uid, record.b.stream_uid]
			.includes(s.stream_uid)).map((s) => streamEvidence(record, s)),
	}];
}

function codecNotAgreed({ record }) {
	return record.diagnoses.filter((d) => d.code === 'codec-not-negotiated').map((d) => {
		const side = sideOf(d.side);
		const s = firstHops(record).find((x) => sideOf(x.sender) === side &&
			d.detail.startsWith(`${x.codec} `));

		return {
			code: d.code, severity: d.severity, side,
			text: `${capital(theSide(record, side))} sends ${s?.codec ?? 'a codec'}, which ` +
				'the answer does not have.',
			evidence: s ? [streamEvidence(record, s)] : [],
		};
	});
}

/* The next hop of the same sender has another codec or DSCP. */
function hops({ record }) {
	const found = [];

	for (const far of mediaStreams(record).filter((s) => s.hop > 1)) {
		const near = firstHops(record).find((s) => s.sender === far.sender &&
			s.media === far.media && far.sender !== null &&
			(s.ssrc === far.ssrc || s.codec !== far.codec));

		if (!near)
			continue;
		if (near.codec && far.codec && near.codec !== far.codec)
			found.push(hopFinding(record, 'transcoded', near, far,
				`is ${near.codec} before and ${far.codec} behind ${host(far.src)}: transcoded.`));
		else if (near.ssrc === far.ssrc && near.dscp !== far.dscp && near.dscp !== null &&
			 far.dscp !== null)
			found.push(hopFinding(record, 'dscp', near, far,
				`has DSCP ${near.dscp} before and ${far.dscp} behind ${host(far.src)}.`));
	}
	return found;
}

function hopFinding(record, code, near, far, words) {
	return {
		code, severity: 'notice', side: sideOf(near.sender),
		text: `${capital(streamName(record, near))} ${words}`,
		evidence: [streamEvidence(record, near), streamEvidence(record, far)],
	};
}

/* Another leg of the call has another codec on the same side. */
function legs({ record, legs: rows, uid }) {
	return (rows ?? []).filter((r) => r.uid !== uid).flatMap((r) => ['a', 'b']
		.filter((side) => record[side]?.codec && r[`${side}_codec`] &&
			record[side].codec !== r[`${side}_codec`])
		.map((side) => ({
			code: 'leg-codec', severity: 'notice', side,
			text: `${capital(theSide(record, side))}'s audio is ${record[side].codec} here ` +
				`and ${r[`${side}_codec`]} in another leg: transcoded in between.`,
			evidence: [{ label: 'legs side by side', leg: r.uid }],
		})));
}

export const codecRules = [keys, codecNotAgreed, codecChange, codecUnequal, hops, legs];
