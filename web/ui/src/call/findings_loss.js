/* Findings about lost packets: how many, in what runs, when, and what RTCP says of
 * the same packets. */
import { percent, span } from '../core/format.js';
import { capital, mediaStreams, otherSide, sideOf, streamEvidence, streamName, theSide }
	from './facts.js';

const LOSS_WARN_PCT = 1;
const LOSS_ERROR_PCT = 5;
/* Losses that lie closer together are one stretch of a sentence. */
const STRETCH_MS = 5000;
/* Reports disagree with the tap when one says less than this of the other. */
const DISAGREE = 0.25;
const DISAGREE_LEAST = 5;

/* A stream of the timeline, null where there is none. */
export function timelineOf({ timeline }, stream) {
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

export const lossRules = [loss, lossBehind];
