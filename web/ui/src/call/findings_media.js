/* Findings about media: what is missing, late, uneven, or sent elsewhere. */
import { mosWithScale, span } from '../core/format.js';
import { at, capital, firstHops, host, mediaStreams, messageEvidence, otherSide, sideName,
	sideOf, streamEvidence, streamName, theSide } from './facts.js';

const JITTER_WARN_MS = 30;
const GAP_MS = 1000;
const MOS_POOR = 3.6;
const MOS_BAD = 3.1;
const RTT_SLOW_MS = 300;

function codes(record) {
	return new Set(record.diagnoses.map((d) => d.code));
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

function duplicates({ record }) {
	return mediaStreams(record).filter((s) => s.duplicates > s.duplicates_tap).map((s) => ({
		code: 'duplicates', severity: 'notice', side: sideOf(s.sender),
		text: `${s.duplicates - s.duplicates_tap} packets of ${streamName(record, s)} ` +
			'were sent more than once.',
		evidence: [streamEvidence(record, s)],
	}));
}

export const missingRules = [missing];

export const mediaRules = [score, address, jitter, late, slow, latched, pauses, duplicates];
