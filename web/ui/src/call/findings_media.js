/* Findings about media: what was lost, late, missing or sent elsewhere. */
import { mosWithScale, percent, span } from '../core/format.js';
import { at, capital, firstHops, host, mediaStreams, messageEvidence, otherSide, realCodecs,
	sideName, sideOf, streamEvidence,
	streamName, theSide } from './facts.js';

const LOSS_WARN_PCT = 1;
const LOSS_ERROR_PCT = 5;
const JITTER_WARN_MS = 30;
const GAP_MS = 1000;
const MOS_POOR = 3.6;
const MOS_BAD = 3.1;
const RTT_SLOW_MS = 300;
/* Losses that lie closer together are one stretch of a sentence. */
const STRETCH_MS = 5000;
/* Reports disagree with the tap when one says less than this of the other. */
const DISAGREE = 0.25;
const DISAGREE_LEAST = 5;

function codes(record) {
	return new Set(record.diagnoses.map((d) => d.code));
}

function timelineOf({ timeline }, stream) {
	return timeline?.streams?.find((s) => s.stream_uid === stream.stream_uid) ?? null;
}

/* The stretch that most losses are in: {from, to, lost, all}. */
export function worstStretch(losses) {
	let best = null;
	let run = null;

	for (const l of losses) {
		if (run && l.t - run.to <= STRETCH_MS) {
			run.to = l.t + (l.ms ?? 0);
			run.lost += l.lost;
		} else {
			run = { from: l.t, to: l.t + (l.ms ?? 0), lost: l.lost };
		}
		if (!best || run.lost > best.lost)
			best = run;
	}
	return best;
}

/* The longest run of losses in packets, from the record's ten classes. */
export function longestRun(stream) {
	let longest = 0;

	stream.loss_runs.forEach((n, i) => {
		longest = n > 0 ? i + 1 : longest;
	});
	return longest;
}

function runWords(stream) {
	const longest = longestRun(stream);
	const many = longest === 10 ? '10 and more' : String(longest);

	if (longest === 0)
		return '';
	if (longest === 1)
		return ', one at a time';
	const ms = stream.ptime_ms ? ` (${longest === 10 ? 'from ' : ''}` +
		`${span(longest * stream.ptime_ms)})` : '';

	return `, in runs of up to ${many} packets${ms}`;
}

function stretchWords(ctx, line) {
	const stretch = line && worstStretch(line.losses);

	if (!stretch)
		return { words: '', stretch: null };
	const all = line.losses.reduce((n, l) => n + l.lost, 0);
	const part = stretch.lost === all ? '' : `${stretch.lost} of them `;

	return {
		words: `, ${part}between ${ctx.clock(stretch.from)} and ${ctx.clock(stretch.to)}`,
		stretch,
	};
}

/* What the receiver's own reports say about the same packets. Only cumulative
 * counts of reports that came after the losses can contradict the tap. */
function reportWords(ctx, stream, line) {
	const { record } = ctx;
	const told = stream.rtcp.lost_reported;
	const receiver = theSide(record, otherSide(sideOf(stream.sender)));
	const reports = (ctx.timeline?.rtcp ?? []).filter((r) =>
		r.stream_uid === stream.stream_uid && r.lost !== null && r.lost !== undefined);
	const last = reports.at(-1);
	const before = last && line ? line.losses.filter((l) => l.t < last.t)
		.reduce((n, l) => n + l.lost, 0) : null;

	if (!stream.rtcp.rr || told === null)
		return { words: '', tap: false };
	if (before !== null && before >= DISAGREE_LEAST && last.lost <= before * DISAGREE)
		return {
			words: ` But ${receiver}'s RTCP reports only ${last.lost} lost of the ` +
				`${before} that the tap missed until then: the tap lost packets here.`,
			tap: true,
		};
	return { words: ` ${capital(receiver)}'s RTCP reports ${told} lost.`, tap: false };
}

function elsewhere(record, stream) {
	return record.diagnoses.some((d) => d.code === 'sent-elsewhere' &&
		d.detail.includes(stream.src));
}

function loss(ctx) {
	const { record } = ctx;

	return mediaStreams(record).filter((s) => s.loss_pct >= LOSS_WARN_PCT &&
		!elsewhere(record, s)).map((s) => {
		const line = timelineOf(ctx, s);
		const { words, stretch } = stretchWords(ctx, line);
		const report = reportWords(ctx, s, line);
		const severity = s.loss_pct >= LOSS_ERROR_PCT ? 'error' : 'warning';

		return {
			code: report.tap ? 'tap-loss' : 'loss',
			severity: report.tap ? 'warning' : severity,
			side: sideOf(s.sender), weight: s.loss_pct,
			text: `${capital(streamName(record, s))} lost ${percent(s.loss_pct)} % ` +
				`(${s.lost} of ${s.expected} packets)${runWords(s)}${words}.` +
				repairWords(s) + report.words,
			evidence: [streamEvidence(record, s, stretch?.from, stretch?.to)],
		};
	});
}

function repairWords(s) {
	const sent = s.repair.rtx + s.repair.red + s.repair.fec;

	if (sent === 0 || s.repair.lost_after === null)
		return '';
	return s.repair.lost_after === 0 ? ' All of them were repaired (RTX, RED or FEC).' :
		` After repair (RTX, RED or FEC) ${s.repair.lost_after} were still missing.`;
}

/* The receiver reports what the tap has not missed: lost behind the tap. */
function lossBehind({ record }) {
	return mediaStreams(record).filter((s) => s.rtcp.lost_reported >= DISAGREE_LEAST &&
		s.lost <= s.rtcp.lost_reported * DISAGREE).map((s) => ({
		code: 'loss-behind', severity: s.rtcp.fraction_lost_max >= LOSS_ERROR_PCT ?
			'error' : 'warning',
		side: sideOf(s.sender), weight: s.rtcp.fraction_lost_max ?? 0,
		text: `${capital(theSide(record, otherSide(sideOf(s.sender))))}'s RTCP reports ` +
			`${s.rtcp.lost_reported} packets of ${streamName(record, s)} lost ` +
			`(up to ${percent(s.rtcp.fraction_lost_max)} % of a report), the tap missed ` +
			`${s.lost}: lost behind the tap.`,
		evidence: [streamEvidence(record, s)],
	}));
}

function jitter({ record }) {
	return mediaStreams(record).filter((s) => s.jitter_ms?.max >= JITTER_WARN_MS)
		.map((s) => {
			const late = s.delay_bins.slice(6).reduce((n, v) => n + v, 0);

			return {
				code: 'jitter', severity: 'warning', side: sideOf(s.sender),
				text: `Jitter of ${streamName(record, s)} rose to ` +
					`${s.jitter_ms.max.toFixed(1)} ms (mean ` +
					`${s.jitter_ms.mean.toFixed(1)} ms)` + (late === 0 ? '.' :
					`; ${late} packets came 200 ms and more late.`),
				evidence: [streamEvidence(record, s)],
			};
		});
}

function score({ record }) {
	return firstHops(record).filter((s) => s.mos?.adaptive !== null &&
		s.mos?.adaptive < MOS_POOR).map((s) => ({
		code: 'mos', severity: s.mos.adaptive < MOS_BAD ? 'error' : 'warning',
		side: sideOf(s.sender),
		text: `${capital(streamName(record, s))} scores MOS ` +
			mosWithScale(s.mos.adaptive, s.mos.scale) +
			(s.mos.min === null ? '' : `, its worst ten seconds ` +
				mosWithScale(s.mos.min, s.mos.scale)) +
			(s.mos.assumed ? ' (values of the codec are assumed).' : '.'),
		evidence: [streamEvidence(record, s)],
	}));
}

/* Long times between packets without a missing number: nothing was sent. Where
 * there was a hold, that says it already. */
function pauses(ctx) {
	const { record } = ctx;
	const held = record.offers.some((o) => o.media.some((m) =>
		m.direction === 'sendonly' || m.direction === 'inactive'));

	if (held && record.type === 'call')
		return [];
	return firstHops(record).filter((s) => s.media === 'audio' && s.delta_ms?.max >= GAP_MS &&
		s.lost * (s.ptime_ms ?? 20) < s.delta_ms.max / 2).map((s) => ({
		code: 'pause', severity: 'notice', side: sideOf(s.sender),
		text: `${capital(streamName(record, s))} paused for ${span(s.delta_ms.max)} and ` +
			'missed no number then: nothing was sent.',
		evidence: [streamEvidence(record, s)],
	}));
}

function missing({ record }) {
	const has = codes(record);
	const answer = at(record, record.answer);
	const end = at(record, record.end);
	const evidence = answer === null ? [] :
		[{ label: 'answered', from: answer, to: end ?? answer }];
	const found = [];

	if (has.has('no-media'))
		found.push({
			code: 'no-media', severity: 'error', side: null,
			text: 'Answered both ways, but the tap saw no media at all.', evidence,
		});
	if (has.has('one-way')) {
		const silent = record.diagnoses.find((d) => d.code === 'one-way').side;
		const side = sideOf(silent);

		found.push({
			code: 'one-way', severity: 'error', side,
			text: `One-way audio: the tap saw no media from ${theSide(record, side)}.`,
			evidence: [...firstHops(record).slice(0, 1)
				.map((s) => streamEvidence(record, s)), ...evidence],
		});
	}
	return found;
}

function late({ record }) {
	const answer = at(record, record.answer);
	const first = record.streams.reduce((t, s) => Math.min(t, at(record, s.first)), Infinity);

	if (!codes(record).has('late-media'))
		return [];
	return [{
		code: 'late-media', severity: 'warning', side: null,
		text: `The first media came ${span(first - answer)} after the answer.`,
		evidence: [{ label: 'silence', from: answer, to: first }],
	}];
}

/* In a call without ICE: a side's media comes from one address, and what is
 * meant for this side goes to another. */
function address({ record, descriptions }) {
	const found = [];

	if (record.type !== 'call' || record.ice.length > 0 ||
	    record.streams.some((s) => s.hop > 1 || s.turn))
		return found;
	for (const side of ['a', 'b']) {
		const own = firstHops(record).find((s) => sideOf(s.sender) === side &&
			s.media === 'audio');
		const other = firstHops(record).find((s) => sideOf(s.sender) === otherSide(side) &&
			s.media === 'audio');
		const told = announced(descriptions, side);
		const message = told?.message ?? -1;

		if (!own || !other || own.src === other.dst)
			continue;
		found.push({
			code: 'nat-address', severity: 'warning', side,
			text: `The ${sideName(record, side)}'s audio comes from ${own.src}, but the ` +
				`${sideName(record, otherSide(side))} sends to ${other.dst}` +
				(told?.address === other.dst ? ', which the SDP announced' : '') +
				': it did not follow the media (no symmetric RTP seen).',
			evidence: [streamEvidence(record, other), streamEvidence(record, own),
				...messageEvidence(record, message, 'SDP')],
		});
	}
	return found;
}

/* The other way: the peer follows the media instead of what was announced. */
function latched({ record, descriptions }) {
	const found = [];

	if (record.type !== 'call' || record.ice.length > 0)
		return found;
	for (const side of ['a', 'b']) {
		const own = firstHops(record).find((s) => sideOf(s.sender) === side &&
			s.media === 'audio' && !s.turn);
		const told = announced(descriptions, side);
		const back = own && record.streams.find((s) => s.src === own.dst &&
			s.dst === own.src);

		if (!back || !told?.address || told.address === own.src)
			continue;
		found.push({
			code: 'nat-latched', severity: 'notice', side,
			text: `The ${sideName(record, side)} announced ${told.address}, its audio comes ` +
				`from ${own.src}, and ${host(own.dst)} answers there (NAT, symmetric RTP).`,
			evidence: [streamEvidence(record, own),
				...messageEvidence(record, told.message, 'SDP')],
		});
	}
	return found;
}

/* The first audio address of a side's first description whose text is here. */
function announced(descriptions, side) {
	const first = (descriptions ?? []).find((d) => d.side === side && d.fromText);
	const audio = first?.media.find((m) => m.kind === 'audio' && !m.rejected);

	return audio ? { address: audio.address, message: first.message } : null;
}

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

function slow({ record }) {
	const s = firstHops(record).find((x) => x.rtcp.rtt_ms_mean >= RTT_SLOW_MS);

	if (!s)
		return [];
	return [{
		code: 'rtt', severity: 'warning', side: null,
		text: `RTCP shows a round trip of ${span(s.rtcp.rtt_ms_mean)} (up to ` +
			`${span(s.rtcp.rtt_ms_max)}).`,
		evidence: [streamEvidence(record, s)],
	}];
}

function duplicates({ record }) {
	return mediaStreams(record).filter((s) => s.duplicates > s.duplicates_tap).map((s) => ({
		code: 'duplicates', severity: 'notice', side: sideOf(s.sender),
		text: `${s.duplicates - s.duplicates_tap} packets of ${streamName(record, s)} ` +
			'were sent more than once.',
		evidence: [streamEvidence(record, s)],
	}));
}

export const mediaRules = [missing, loss, lossBehind, score, address, jitter, late, slow, keys,
	codecNotAgreed, codecChange, codecUnequal, hops, legs, latched, pauses, duplicates];
