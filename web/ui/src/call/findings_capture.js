/* Findings about the capture itself: so that a bad tap is not taken for a bad
 * call. */
import { capital, mediaStreams, sideOf, streamEvidence, streamName } from './facts.js';

const parts = {
	start: 'The capture began after this call: its beginning was not seen.',
	end: 'The capture ended before this call: its end was not seen.',
	both: 'The call is longer than the capture: neither beginning nor end was seen.',
	gap: 'The tap missed at least one message: an answer or an ACK proves that it was sent.',
};

function partial({ record }) {
	const text = parts[record.partial];

	if (!text)
		return [];
	return [{
		code: 'partial', severity: record.partial === 'gap' ? 'warning' : 'notice', side: null,
		text: record.type === 'session' ? text.replace(/this call|The call/, (w) =>
			w.replace('call', 'session')) : text,
		evidence: [],
	}];
}

function twice({ record }) {
	return mediaStreams(record).filter((s) => s.duplicates_tap > 0).map((s) => ({
		code: 'tap-duplicates', severity: 'notice', side: sideOf(s.sender),
		text: `The tap shows ${s.duplicates_tap} packets of ${streamName(record, s)} ` +
			'twice (the same datagram): mirrored twice, not sent twice.',
		evidence: [streamEvidence(record, s)],
	}));
}

function recorded({ record, timeline }) {
	const found = [];

	if (timeline && timeline.source !== 'packets' && timeline.why)
		found.push({
			code: 'no-packets', severity: 'notice', side: null,
			text: `${capital(timeline.why.replace(/\.$/, ''))}.`, evidence: [],
		});
	if (timeline?.truncated)
		found.push({
			code: 'truncated', severity: 'notice', side: null,
			text: 'The call is too long for all of its packets: the charts show a part.',
			evidence: [],
		});
	return found;
}

export const captureRules = [partial, twice, recorded];
