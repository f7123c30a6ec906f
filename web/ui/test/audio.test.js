import test from 'node:test';
import assert from 'node:assert/strict';
import { audibility, dtmfMarks, soundStart } from '../src/call/audio_words.js';
import { columns, peakReader, wavHeader } from '../src/call/wav_peaks.js';
import { downloadsOf } from '../src/call/download_list.js';
import { unixMs } from '../src/call/time.js';
import { analyst, recorded, records, viewer } from './golden.js';

const hear = (name, session = analyst) =>
	audibility(recorded(records(name)[0]), session);

test('what can be heard, and why not', () => {
	assert.deepEqual(hear('basic-call'),
		{ can: true, why: null, sides: { a: null, b: null } });
	assert.match(hear('basic-call', viewer).why, /role may not listen/);
	assert.match(audibility({ ...records('basic-call')[0], pcap: null }, analyst).why,
		/not recorded/);
	assert.match(hear('busy-486').why, /no audio was seen/);
	assert.match(hear('cc-direct').why, /encrypted, and there is no key/);
	assert.match(hear('sdes-wrong-key').why ?? 'keys do not fit', /keys do not fit/);
	assert.equal(hear('opus-call').can, true);
	assert.equal(hear('sdes-call').can, true);
});

test('the sound begins with the first audio packet, or where the server says', () => {
	const [call] = records('basic-call');
	const startMs = unixMs(call.start);

	assert.ok(Math.abs(soundStart(call, startMs, null) - 7) < 3);
	assert.equal(soundStart(call, startMs, '2026-11-23T01:18:23.946975Z'), 100);
	assert.equal(soundStart(records('busy-486')[0], 0, null), 0);
});

test('digits lie on the axis of time', () => {
	const [call] = records('dtmf');
	const marks = dtmfMarks(call, unixMs(call.start));

	assert.equal(marks.map((m) => m.digit).join(''),
		call.dtmf.map((d) => d.digit).join(''));
	assert.ok(marks.every((m) => m.t >= 0 && ['a', 'b'].includes(m.side)));
	assert.match(marks[0].text, /digit 1, 180 ms, RFC 4733/);
	assert.match(dtmfMarks(records('dtmf-info')[0], 0)[0].text, /SIP INFO/);
});

function wav(frames, { channels = 2, rate = 8000, junk = false } = {}) {
	const extra = junk ? 12 : 0;
	const bytes = new Uint8Array(44 + extra + frames.length * 2 * channels);
	const view = new DataView(bytes.buffer);
	const put = (at, s) => [...s].forEach((c, i) =>
		view.setUint8(at + i, c.charCodeAt(0)));

	put(0, 'RIFF');
	put(8, 'WAVEfmt ');
	view.setUint32(16, 16, true);
	view.setUint16(20, 1, true);
	view.setUint16(22, channels, true);
	view.setUint32(24, rate, true);
	view.setUint16(34, 16, true);
	if (junk) {
		put(36, 'LIST');
		view.setUint32(40, 4, true);
	}
	put(36 + extra, 'data');
	view.setUint32(40 + extra, frames.length * 2 * channels, true);
	frames.forEach((frame, i) => frame.forEach((v, c) =>
		view.setInt16(44 + extra + (i * channels + c) * 2, v * 32768, true)));
	return bytes;
}

test('peaks are the same however the file is cut', () => {
	const frames = Array.from({ length: 1600 }, (_, i) =>
		[i === 700 ? 0.5 : 0, i === 900 ? -0.25 : 0]);
	const whole = peakReader(50);

	whole.push(wav(frames));
	const want = whole.result();

	assert.equal(want.seconds, 0.2);
	assert.equal(want.peaks[0].length, 10);
	assert.deepEqual(want.peaks[0][4], [0, 0.5]);
	assert.deepEqual(want.peaks[1][5], [-0.25, 0]);
	for (const size of [1, 3, 7, 1000]) {
		const reader = peakReader(50), bytes = wav(frames, { junk: size === 7 });

		for (let at = 0; at < bytes.length; at += size)
			reader.push(bytes.slice(at, at + size));
		assert.deepEqual(reader.result(), want);
	}
});

test('what is behind the samples is no sound', () => {
	const reader = peakReader(50);

	reader.push(wav([[0.1, 0.1]]));
	reader.push(new Uint8Array(100).fill(77));
	assert.equal(reader.result().seconds, 1 / 8000);
});

test('what is no such WAV is refused', () => {
	const view = (b) => new DataView(b.buffer);
	const bad = wav([[0, 0]]);

	assert.throws(() => wavHeader(view(new Uint8Array(44))), /no WAV/);
	bad[34] = 8;
	assert.throws(() => wavHeader(view(bad)), /16 bits/);
	assert.equal(wavHeader(view(new Uint8Array(4))), null);
	assert.throws(() => peakReader().result(), /before it began/);
});

test('a pixel shows the greatest of its part', () => {
	const channel = Array.from({ length: 100 }, () => [0, 0.1]);

	channel[42] = [-0.9, 0.8];
	const out = columns(channel, 0.02, 0, 2, 10);

	assert.deepEqual(out[4], [-0.9, 0.8]);
	assert.deepEqual(out[0], [0, 0.1]);
	assert.equal(columns(channel, 0.02, 2, 4, 4)[1], null);
	assert.equal(columns(channel, 0.02, -2, 0, 4)[0], null);
	assert.deepEqual(columns(channel, 0.02, 0.84, 0.86, 2), [[-0.9, 0.8], [-0.9, 0.8]]);
});

test('downloads, with reasons', () => {
	const call = recorded(records('basic-call')[0]);
	const why = (c, s) => Object.fromEntries(downloadsOf(c, s, audibility(c, s))
		.map((d) => [d.id, d.why]));
	const all = why(call, analyst);

	assert.deepEqual([all.pcap, all.pcapng, all.wav, all.json], [null, null, null, null]);
	assert.match(all.keys, /Nothing .* encrypted/);
	assert.match(all.legs, /no other legs/);
	assert.match(why(call, viewer).pcap, /role/);
	assert.equal(why(call, viewer).json, null);
	assert.match(why({ ...call, pcap: null }, analyst).pcap, /not recorded/);
	assert.equal(why(recorded(records('cc-direct')[0]), analyst).keys, null);
	assert.equal(why({ ...call, group_id: 'x' }, analyst).legs, null);
});
