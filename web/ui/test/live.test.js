import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { age, arranged, faded, matches, nothing, sorted, told } from '../src/pages/live/model.js';

const T = '2026-11-26T13:00:00.000000Z';

function event(more = {}) {
	return { now: T, capture: true, live: true, ended: false, total: 0, shown: 0,
		upsert: [], gone: [], hidden: [], records: [], ...more };
}

function row(uid, more = {}) {
	return { uid, start: '2026-11-26T12:59:00.000000Z', state: 'up', status: 200,
		caller_user: `+49${uid}`, callee_user: 'bob', caller_addr: '10.0.0.1:5060',
		callee_addr: '10.0.0.2:5060', a_codec: 'PCMA', b_codec: 'PCMA', packets: 1,
		a_mos_now: 4.4, b_mos_now: 4.4, a_loss_pct: 0, b_loss_pct: 0, ...more };
}

test('a row is made, changed and ends', () => {
	let s = told(nothing, event({ upsert: [row('1')], total: 1 }), 1000, { begins: true });

	assert.equal(s.rows.get('1').caller_user, '+491');
	s = told(s, event({ upsert: [{ uid: '1', packets: 9, state: 'ending' }] }), 2000);
	assert.equal(s.rows.get('1').packets, 9);
	assert.equal(s.rows.get('1').caller_user, '+491');
	s = told(s, event({ gone: ['1'], records: [{ uid: '1', state: 'completed', status: 200 }] }), 3000);
	assert.equal(s.rows.get('1').over, 3000);
	assert.equal(s.rows.get('1').state, 'completed');
	assert.equal(s.rows.get('1').recorded, true);
	assert.equal(faded(s, 5000), s);
	assert.equal(faded(s, 12000).rows.size, 0);
});

test('what newer ones pushed out is not over', () => {
	const s = told(nothing, event({ upsert: [row('1'), row('2')] }), 0, { begins: true });

	assert.deepEqual([...told(s, event({ hidden: ['1'] }), 1).rows.keys()], ['2']);
});

test('a new connection has all there is', () => {
	let s = told(nothing, event({ upsert: [row('1'), row('2')] }), 0, { begins: true });

	s = told(s, event({ upsert: [row('2')] }), 50, { begins: true });
	assert.equal(s.rows.get('1').over, 50);
	assert.equal(s.rows.get('2').over, undefined);
});

test('ages go on with an interface, and stand with a file', () => {
	const s = told(nothing, event({ upsert: [row('1')] }), 1000, { begins: true });
	const one = s.rows.get('1');

	assert.equal(age(s, one, 3500), 62500);
	assert.equal(age({ ...s, head: { ...s.head, live: false } }, one, 3500), 60000);
	assert.equal(age({ ...s, head: { ...s.head, ended: true } }, one, 3500), 60000);
	assert.equal(age(s, { ...one, over: 2000 }, 9000), 61000);
	assert.equal(age(nothing, one, 0), null);
});

const list = [row('1', { a_mos_now: 2, start: '2026-11-26T12:59:01.000000Z' }),
	row('2', { b_mos_now: 3 }), row('3', { a_mos_now: null, b_mos_now: null })];

for (const [sort, want] of [['mos', '123'], ['-mos', '213'], ['-start', '132'],
	['start', '321'], ['nonsense', '321']]) {
	test(`sort by ${sort}`, () => {
		assert.equal(sorted(list, sort).map((r) => r.uid).join(''), want);
	});
}

for (const [filter, want] of [['', true], ['+491', true], ['10.0.0.1 up', true],
	['pcma', true], ['486', false], ['bob  ringing', false]]) {
	test(`filter "${filter}"`, () => {
		assert.equal(matches(row('1'), filter), want);
	});
}

test('while it is held the order stays, and what is new waits', () => {
	let s = told(nothing, event({ upsert: [row('1'), row('2')] }), 0, { begins: true });
	const held = arranged(s, { sort: 'caller' });

	assert.deepEqual(held, ['1', '2']);
	s = told(s, event({ upsert: [row('0')], gone: ['1'] }), 1);
	assert.deepEqual(arranged(s, { sort: 'caller', held }), ['1', '2']);
	assert.deepEqual(arranged(s, { sort: 'caller' }), ['0', '1', '2']);
});
