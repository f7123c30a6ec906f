import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { parseSdp, sdpOf } from '../src/call/sdp.js';
import { changesOf, codecText, compared, descriptions } from '../src/call/sdp_model.js';
import { records } from './golden.js';

const invite = (body) => `INVITE sip:b@h SIP/2.0\r\nContent-Type: application/sdp\r\n\r\n${body}`;

const plain = ['v=0', 'o=- 1 7 IN IP4 10.0.0.5', 's=-', 'c=IN IP4 10.0.0.5', 't=0 0',
	'm=audio 4000 RTP/SAVP 0 9 101', 'a=rtpmap:101 telephone-event/8000',
	'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0', 'a=sendonly', 'a=ptime:30',
	'm=video 0 RTP/AVP 99', 'a=rtpmap:99 VP8/90000', ''].join('\r\n');

const web = ['v=0', 'o=- 4 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0 1',
	'a=ice-lite', 'a=fingerprint:sha-256 AA:BB', 'm=audio 9 UDP/TLS/RTP/SAVPF 111',
	'c=IN IP6 2001:db8::1', 'a=mid:0', 'a=rtpmap:111 opus/48000/2', 'a=setup:actpass',
	'a=ice-ufrag:ab', 'a=candidate:1 1 udp 1 10.0.0.1 5 typ host', 'a=rtcp-mux',
	'm=application 0 UDP/DTLS/SCTP webrtc-datachannel', 'a=mid:1', 'a=bundle-only'].join('\n');

test('the description inside of a message', () => {
	assert.equal(sdpOf(invite(plain)), plain);
	assert.equal(sdpOf('SIP/2.0 200 OK\r\nv=0\r\n\r\n'), null);
	assert.equal(sdpOf(null), null);
	assert.equal(sdpOf(invite('--x\r\nContent-Type: application/sdp\r\n\r\nv=0\r\ns=-\r\n' +
		'--x--\r\n')), 'v=0\r\ns=-');
});

test('lines of a description', () => {
	const { version, media } = parseSdp(plain);

	assert.equal(version, 7);
	assert.deepEqual([media[0].address, media[0].direction, media[0].codecs, media[0].crypto,
		media[0].ptime], ['10.0.0.5:4000', 'sendonly',
		['PCMU/8000', 'G722/8000', 'telephone-event/8000'], ['AES_CM_128_HMAC_SHA1_80'], '30']);
	assert.deepEqual(media.map((m) => m.rejected), [false, true]);
	assert.equal(JSON.stringify(media).includes('c2VjcmV0'), false, 'no key leaves it');
});

test('what a browser says', () => {
	const { iceLite, media: [audio, data] } = parseSdp(web);

	assert.equal(iceLite, true);
	assert.deepEqual([audio.address, audio.fingerprint, audio.setup, audio.ufrag,
		audio.candidates, audio.bundle, audio.rtcpMux], ['[2001:db8::1]:9', 'sha-256 AA:BB',
		'actpass', 'ab', 1, true, true]);
	assert.deepEqual([data.codecs, data.rejected], [['webrtc-datachannel'], false]);
});

test('the description inside of a web message', () => {
	const json = JSON.stringify({ description: { type: 'offer', sdp: web } });

	assert.equal(sdpOf(web), web);
	assert.equal(sdpOf(json), web);
	assert.equal(sdpOf('{"candidate": null}'), null);
	assert.equal(sdpOf('{"broken'), null);
	const record = records('cc-fail')[0];
	const texts = [{ n: 0, time: '2026-11-26T11:27:40.200000Z', text: '{}' },
		{ n: 1, time: record.offers[0].time, text: json }];
	const [offer, answer] = descriptions(record, texts);

	assert.deepEqual([offer.fromText, offer.message, offer.media[0].ufrag],
		[true, 1, 'ab']);
	assert.deepEqual([answer.fromText, answer.message], [false, -1]);
});

test('nothing makes it fail', () => {
	for (const text of ['', 'm=', 'v=0\nm=\nc=\na=\no=', 'a=rtpmap:', 'm=audio x y z',
		'c=IN IP4', 'a=group:BUNDLE', 'm=audio 1 RTP/AVP 0\na=candidate', '\0\0=\0'])
		assert.ok(parseSdp(text).media, text);
});

test('a hold and what it changed', () => {
	const list = compared(records('hold-resume')[0]);
	const texts = list.map((x) => [x.offer, x.answer].map((d) =>
		d.changes?.map((c) => c.text) ?? null));

	assert.deepEqual(texts, [
		[null, null],
		[['direction sendrecv → sendonly'], ['direction sendrecv → recvonly']],
		[['direction sendonly → sendrecv'], ['direction recvonly → sendrecv']],
		[['direction sendrecv → sendonly'], ['direction sendrecv → recvonly']],
		[['direction sendonly → sendrecv'], ['direction recvonly → sendrecv']],
	]);
	assert.deepEqual(list.map((x) => x.offer.side), ['a', 'a', 'a', 'b', 'b']);
	assert.deepEqual(list.map((x) => [x.offer.message, x.answer.message]),
		[[0, 2], [4, 5], [7, 8], [10, 11], [13, 14]]);
});

test('texts give addresses, the record alone does not', () => {
	const record = records('basic-call')[0];
	const texts = record.messages.map(() => ({ text: null }));

	texts[0] = { text: invite(plain) };
	const [offer, answer] = descriptions(record, texts);

	assert.deepEqual([offer.fromText, offer.media[0].address], [true, '10.0.0.5:4000']);
	assert.deepEqual([answer.fromText, answer.media[0].address, answer.media[0].port],
		[false, null, 14078]);
});

test('changes between two descriptions', () => {
	const before = parseSdp(plain);
	const now = parseSdp(plain.replace('4000', '5000').replace('0 9 101', '9 8')
		.replace('a=sendonly', '').replace('SHA1_80', 'SHA1_32').replace('m=video 0', 'm=text 7'));

	assert.deepEqual(changesOf(before, now).map((c) => `${c.line} ${c.text}`), [
		'0 address 10.0.0.5:4000 → 10.0.0.5:5000',
		'0 direction sendonly → sendrecv',
		'0 codecs: +PCMA/8000 −PCMU/8000 −telephone-event/8000',
		'0 crypto: +AES_CM_128_HMAC_SHA1_32 −AES_CM_128_HMAC_SHA1_80',
		'1 m-line video → text',
	]);
	assert.deepEqual(changesOf(before, parseSdp(plain.split('m=video')[0]))
		.map((c) => c.text), ['m-line video is gone']);
	assert.deepEqual(changesOf(before, parseSdp(plain.replace('0 9 101', '9 0 101')))
		.map((c) => c.text), ['codecs: order is now G722/8000, PCMU/8000, telephone-event/8000']);
	assert.deepEqual(changesOf(before, before), []);
});

test('long lists of codecs', () => {
	assert.equal(codecText(['VP8', 'rtx', 'H264', 'rtx']), 'VP8, rtx ×2, H264');
});
