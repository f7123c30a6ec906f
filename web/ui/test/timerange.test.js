import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as r from '../src/core/timerange.js';

process.env.TZ = 'Europe/Berlin';
const now = Date.parse('2026-11-26T14:00:00Z');

test('bounds', () => {
	assert.equal(r.ago('-2h'), 7200e3);
	assert.equal(r.ago('2026-11-26'), null);
	assert.equal(r.boundMs('-2h', now), now - 7200e3);
	assert.equal(r.boundMs('2026-11-26T14:00', now), now);
	assert.equal(r.boundMs('2026-11-26', now), now - 14 * 3600e3);
	assert.equal(r.boundMs('', now), null);
	assert.equal(r.boundMs('now', now), now);
});

test('an input is in the zone of the browser, the address in UTC', () => {
	assert.equal(r.toInput('2026-11-26T14:00', now), '2026-11-26T15:00:00');
	assert.equal(r.fromInput('2026-11-26T15:00:00'), '2026-11-26T14:00:00');
	assert.equal(r.fromInput(''), null);
	assert.equal(r.toInput('', now), '');
});

test('ranges in words', () => {
	assert.equal(r.rangeText('-2h', null), 'last 2 h');
	assert.equal(r.rangeText('-3h', null), 'last 3 h');
	assert.equal(r.rangeText(null, null), 'all time');
	assert.equal(r.rangeText('2026-11-26T14:00', '2026-11-26T15:00'),
		'2026-11-26 15:00 – 2026-11-26 16:00');
	assert.equal(r.rangeText('2026-11-26T14:00', null), 'since 2026-11-26 15:00');
});
