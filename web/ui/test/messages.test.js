import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { comparedWith, diffLines } from '../src/call/message_diff.js';
import { bytesOf, coloured, hasBytes, hexDump, tagsOfText } from '../src/call/message_text.js';
import { searchTree } from '../src/call/json_tree.js';
import { legDifferences, shiftOf } from '../src/call/legs.js';
import { zoomOf, zoomText } from '../src/call/zoom_address.js';
import { neighbours } from '../src/core/result.js';
import { records } from './golden.js';

const invite = ['INVITE sip:bob@h;x=1 SIP/2.0', 'Via: SIP/2.0/UDP h;branch=z9',
	'From: "<img src=x onerror=alert(1)>" <sip:a@h>;tag=q1', 't: <sip:bob@h>', ' ;tag=q2', '',
	'v=0', 'm=audio 4 RTP/AVP 0', 'a=rtpmap:0 PCMU/8000', 'a=sendrecv', 'odd\\xFF\\x00 line']
	.join('\r\n');

/* All text comes out as it went in, whatever the pieces. */
function joined(text) {
	return coloured(text).map((l) => l.pieces.map((p) => p.text).join('')).join('\r\n');
}

test('coloured text is the text', () => {
	for (const text of [invite, 'SIP/2.0 200 OK\r\nA:b', 'x', '', '\r\n\r\n', 'GET / HTTP/1.1',
		'INVITE  SIP/2.0', 'a: <unclosed\r\n;;;=<>', 'SIP/2.0 2000 Odd'])
		assert.equal(joined(text), text);
});

test('what the pieces are', () => {
	const lines = coloured(invite);
	const of = (i) => lines[i].pieces.map((p) => `${p.cls}|${p.text}`);

	assert.deepEqual(lines.map((l) => l.kind), ['start', 'header', 'header', 'header', 'header',
		'blank', 'sdp', 'sdp', 'sdp', 'sdp', 'body']);
	assert.deepEqual(of(0), ['method|INVITE', '| ', 'uri|sip:bob@h;x=1', 'version| SIP/2.0']);
	assert.deepEqual(of(1), ['name|Via', 'punct|:', '| SIP/2.0/UDP h', 'param|;branch',
		'|=z9']);
	assert.deepEqual(of(7), ['sdp-type|m=', 'mline|audio 4 RTP/AVP 0']);
	assert.deepEqual(of(8), ['sdp-type|a=', 'name|rtpmap', 'punct|:', '|0 PCMU/8000']);
	assert.deepEqual(of(10), ['|odd', 'byte|\\xFF\\x00', '| line']);
	assert.deepEqual(coloured('SIP/2.0 486 Busy')[0].pieces.map((p) => p.cls),
		['version', 'status', 'start']);
});

test('a web message has no start line', () => {
	assert.deepEqual(coloured('v=0\r\nm=audio 4 RTP/AVP 0').map((l) => l.kind),
		['sdp', 'sdp']);
	assert.deepEqual(coloured('{"sdp": "v=0"}').map((l) => l.kind), ['body']);
	assert.equal(joined('{\n\n}'), '{\r\n\r\n}');
});

test('bytes of a text', () => {
	assert.equal(hasBytes(invite), true);
	assert.equal(hasBytes('C:\\x'), false);
	assert.deepEqual(bytesOf('a\\xFF\\x00é'), [0x61, 0xff, 0, 0xc3, 0xa9]);
	assert.deepEqual(hexDump('0123456789abcdefXY\\x01'), [
		'0000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  0123456789abcdef',
		'0010  58 59 01                                          XY.',
	]);
});

test('tags of From and To, in long and short form', () => {
	assert.deepEqual(tagsOfText(invite), { from: 'q1', to: null });
	assert.deepEqual(tagsOfText('SIP/2.0 180 R\r\nf: <sip:a@h>;tag=1\r\nTo: "x;tag=no" ' +
		'<sip:b@h> ; tag=2;y\r\n\r\nTo: <z>;tag=3'), { from: '1', to: '2' });
	assert.deepEqual(tagsOfText(''), { from: null, to: null });
});

test('differences line by line', () => {
	const signs = (a, b) => diffLines(a, b).map((l) => `${l.kind[0]}${l.text}`).join(' ');

	assert.equal(signs(['a', 'b', 'c'], ['a', 'x', 'c']), 'sa gb nx sc');
	assert.equal(signs([], ['a']), 'na');
	assert.equal(signs(['a'], []), 'ga');
	assert.equal(signs(['a', 'b'], ['a', 'b']), 'sa sb');
	assert.equal(diffLines(new Array(2000).fill('x'), ['x']), null);
});

test('which message one is compared with', () => {
	const fork = records('fork')[0].messages;
	const hold = records('hold-resume')[0].messages;

	assert.equal(comparedWith(fork, 2), 0, 'the hop before');
	assert.equal(comparedWith(hold, 4), 0, 'the INVITE before');
	assert.equal(comparedWith(hold, 5), 2, 'the 200 before');
	assert.equal(comparedWith(hold, 0), null);
});

test('legs: their moments, and what is not the same', () => {
	const [one, other] = records('two-legs');

	assert.equal(shiftOf(one, other), 116.369);
	assert.deepEqual(legDifferences(one, other).map((r) => `${r.what} ${r.note}`), [
		'INVITE 116 ms later', 'ring 116 ms later', 'answer 117 ms later',
		'end 116 ms later',
	]);
	const changed = structuredClone(records('basic-call')[0]);

	Object.assign(changed.streams[1], { codec: 'G729', ptime_ms: 40, dscp: 0, loss_pct: 2 });
	changed.dtmf = [{ digit: '5' }];
	assert.deepEqual(legDifferences(records('basic-call')[0], changed).slice(4)
		.map((r) => [r.side, r.what, r.one, r.other, r.note]), [
		[null, 'keys pressed', '–', '5', ''],
		['a', 'codec', 'PCMA', 'G729', 'transcoded'],
		['a', 'ptime', '20 ms', '40 ms', ''],
		['a', 'DSCP', '46', '0', ''],
		['a', 'lost', '0 %', '2.0 %', ''],
	]);
});

test('a search in the record opens what leads to it', () => {
	const { hits, open } = searchTree({ a: { codec: 'PCMA', list: [{ x: 1 }, { y: 'pcma' }] },
		b: null }, 'PCMA');

	assert.deepEqual([...hits].sort(), ['a.codec', 'a.list.1.y']);
	assert.deepEqual([...open].sort(), ['', 'a', 'a.list', 'a.list.1']);
	assert.equal(searchTree({ a: 1 }, '').hits.size, 0);
});

test('the zoomed range in the address', () => {
	assert.equal(zoomText({ full: [0, 1000], range: [0, 1000] }), null);
	assert.equal(zoomText({ full: [-9, 1000], range: [-8.7, 250.2] }), '-9~250');
	assert.deepEqual(zoomOf('-9~250'), [-9, 250]);
	for (const text of [undefined, '', '5', '5~5', '9~2', 'a~b', '1~2~3'])
		assert.equal(zoomOf(text), null);
});

test('neighbours in the result of the search', () => {
	const result = { href: '/search?q=1', uids: ['A', 'B', 'C'] };

	assert.deepEqual(neighbours(result, 'B'),
		{ before: 'A', after: 'C', at: 2, of: 3, href: '/search?q=1' });
	assert.deepEqual(neighbours(result, 'C').after, null);
	assert.equal(neighbours(result, 'D'), null);
	assert.equal(neighbours(null, 'A'), null);
});
