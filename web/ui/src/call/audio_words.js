// Whether there is something to hear, and if not, why. Pure.
import { isRepair, orderStreams } from './stream_rows.js';
import { sideOf } from './nat_words.js';
import { sinceStart } from './time.js';

/* Codecs that the server turns into sound. */
const decodable = ['pcmu', 'pcma', 'g722', 'opus', 'gsm', 'g729', 'red'];

function audioOf(call) {
	return orderStreams(call.streams).filter((s) => s.media === 'audio' &&
		!isRepair(s) && s.sender);
}

/* Why a stream cannot be heard, null when it should be. */
export function mute(s) {
	if (s.srtp && ['missing', 'wrong', 'unsupported'].includes(s.key_state))
		return {
			missing: 'encrypted, and there is no key',
			wrong: 'encrypted, and the keys do not fit',
			unsupported: 'encrypted in a way that nothing here can open',
		}[s.key_state];
	if (!s.codec)
		return 'its codec is not known';
	if (!decodable.includes(s.codec.toLowerCase()))
		return `${s.codec} cannot be decoded here`;
	return null;
}

/*
 * { can, why, sides: {a, b} }: whether to offer listening. `why` is a sentence
 * for the whole; of each side null (it sounds) or why it is silent.
 */
export function audibility(call, session) {
	const streams = audioOf(call);
	const sides = {};

	for (const side of ['a', 'b']) {
		const own = streams.filter((s) => sideOf(s.sender) === side);
		const reasons = own.map(mute);

		sides[side] = own.length === 0 ? 'no audio was seen' :
			reasons.includes(null) ? null : reasons[0];
	}
	return { ...verdict(call, session, streams, sides), sides };
}

function verdict(call, session, streams, sides) {
	if (!session.audio)
		return { can: false, why: 'Your role may not listen to calls. An analyst may.' };
	if (streams.length === 0)
		return { can: false, why: 'There is nothing to hear: no audio was seen.' };
	if (!call.pcap)
		return { can: false, why: 'There is nothing to hear: this call was not ' +
			'recorded. The setting "record" says what is.' };
	if (sides.a !== null && sides.b !== null)
		return { can: sides.a.startsWith('encrypted') || sides.b.startsWith('encrypted'),
			why: sides.a === sides.b ? `Both sides: ${sides.a}.` :
				`Caller's side: ${sides.a}. Callee's side: ${sides.b}.` };
	return { can: true, why: null };
}

/* Moment of the first sample, ms since the call's start: what the server said
 * (RFC 3339), else the first audio packet of either side. */
export function soundStart(call, startMs, said) {
	const told = sinceStart(startMs, said);
	const firsts = audioOf(call).filter((s) => mute(s) === null)
		.map((s) => sinceStart(startMs, s.first));

	if (told !== null)
		return told;
	return firsts.length ? Math.min(...firsts) : 0;
}

/* Digits on the axis of time: { t, digit, side, text }. */
export function dtmfMarks(call, startMs) {
	const senders = new Map(call.streams.map((s) =>
		[s.stream_uid, sideOf(s.sender)]));

	return (call.dtmf ?? []).map((d) => ({
		t: sinceStart(startMs, d.time), digit: d.digit,
		ms: d.duration_ms, stream: d.stream, side: senders.get(d.stream) ?? null,
		text: `digit ${d.digit}, ${Math.round(d.duration_ms ?? 0)} ms, ` +
			`${d.via === 'info' ? 'SIP INFO' : 'RFC 4733'}`,
	})).filter((d) => d.t !== null);
}
