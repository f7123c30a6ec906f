import test from 'node:test';
import assert from 'node:assert/strict';
import { iceStory, pairWhy } from '../src/call/ice_words.js';
import { natRows, natWords } from '../src/call/nat_words.js';
import { dtlsStory, fingerprintVerdict, profileWords } from '../src/call/dtls_words.js';
import { turnDenied, turnState } from '../src/call/turn_words.js';
import { records, samplesWith } from './golden.js';

const story = (name, n = 0) => iceStory(records(name)[0].ice[n]).join(' ');

const stories = [
	['cc-direct', /Connected 14 ms after the first check: host 10\.77\.0\.2:37414 – host 10\.77\.0\.3:33374\./],
	['ice-relay', /6\.9 s after the first check.*relay because no direct pair worked \(1 of 1 tried\)/],
	['cc-relay', /because a and b offered relay candidates only/],
	['cc-fail', /Failed: of 1 pair that was checked.*Checks of b were answered, those of a were not.*firewall in front of b.*Nobody offered a relay/],
	['cc-nat-sym', /Failed: of 2 pairs that were checked.*2 pairs: No answer: a sent 120 checks, b sent 121 checks, .*Nobody offered a relay/],
	['ice-fail', /No answer: a sent 1 check/],
	['cc-turn-forbidden', /the relay refused the other end a permission with 403 \(forbidden\)/],
	['cc-restart', /This worked until ICE was restarted/],
	['ice-487', /a is ICE-lite: it only answers/],
	['jssip-baresip', /Connected/],
];

for (const [name, wanted] of stories)
	test(`${name} in words`, () => assert.match(story(name), wanted));

test('each pair of each sample has a sentence', () => {
	for (const [name, r] of samplesWith((s) => s.ice.length > 0))
		for (const pair of r.ice.flatMap((i) => i.pairs)) {
			const why = pairWhy(pair);

			assert.match(why, /^[A-Z].*\.$/, name);
			assert.doesNotMatch(why, /undefined|null|NaN/, name);
		}
});

test('each exchange of each sample has sentences without holes', () => {
	for (const [name, r] of samplesWith((s) => s.ice.length > 0))
		for (const ice of r.ice) {
			const text = iceStory(ice).join(' ');

			assert.match(text, /^[A-Z].*\.$/, name);
			assert.doesNotMatch(text, /undefined|null|NaN/, `${name}: ${text}`);
		}
});

test('NATs of both sides', () => {
	const [session] = records('cc-nat-sym');
	const rows = natRows(session);

	assert.deepEqual(rows.map((r) => r.side).sort(), ['a', 'b']);
	for (const row of rows)
		assert.match(row.text, /symmetric|maps destinations apart/);
	assert.match(natWords({ addr: '10.0.0.1:4', class: 'none', remotes: 1,
		confidence: 'sure', mapped: '10.0.0.1:4' }),
	/^10\.0\.0\.1:4 is not behind a NAT \(sure, from 1 remote address\)\.$/);
});

test('sockets of one phone are one row', () => {
	const rows = natRows(records('cc-restart')[0]);

	assert.equal(rows.length, 2);
	assert.deepEqual(rows.map((r) => r.more), [1, 1]);
});

const verdicts = [
	['dtls-call', 'ok', /as promised/],
	['dtls-forged', 'bad', /Wrong certificate/],
	['cc-relay', 'unknown', /DTLS 1\.3 encrypts/],
];

for (const [name, verdict, wanted] of verdicts)
	test(`${name}: fingerprint verdict`, () => {
		const got = fingerprintVerdict(records(name)[0].dtls[0]);

		assert.equal(got.verdict, verdict);
		assert.match(got.text, wanted);
	});

const handshakes = [
	['dtls-call', /^DTLS 1\.2 finished in \d+ ms/],
	['dtls-roles', /was refused with alert/],
	['dtls-stuck', /never finished/],
	['dtls-retry', /sent again/],
];

for (const [name, wanted] of handshakes)
	test(`${name}: handshake in words`, () =>
		assert.match(dtlsStory(records(name)[0].dtls[0]), wanted));

test('profiles that 1.3 hides say what was offered', () => {
	assert.match(profileWords(records('cc-restart')[0].dtls[0]),
		/hidden in 1\.3 \(offered: SRTP_AES128_CM_HMAC_SHA1_80/);
});

const allocations = [
	['turn-401', true, /refused with 401/],
	['turn-486', true, /486 \(allocation quota reached\)/],
	['turn-438', true, /later refused with 438/],
	['cc-relay-one', false, /given back/],
	['cc-turn-fallback', false, /did not ask again/],
];

for (const [name, bad, wanted] of allocations)
	test(`${name}: allocation in words`, () => {
		const all = records(name).flatMap((r) => r.turn).map(turnState);

		assert.ok(all.some((s) => s.bad === bad && wanted.test(s.text)),
			JSON.stringify(all));
	});

test('peers that the relay refused are named', () => {
	assert.deepEqual(turnDenied(records('cc-turn-forbidden')[0].turn[0]),
		['permission for 10.77.0.3: 403 (forbidden)']);
});
