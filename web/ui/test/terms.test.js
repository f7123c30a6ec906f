import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as t from '../src/core/terms.js';

test('words, keys and quotes', () => {
	const short = (q) => t.splitTerms(q).map((x) => [x.not, x.key, x.op, x.value]);

	assert.deepEqual(short('4930 status:4xx,503 mos<3.5 -alice'), [
		[false, null, '', '4930'], [false, 'status', ':', '4xx,503'],
		[false, 'mos', '<', '3.5'], [true, null, '', 'alice'],
	]);
	assert.deepEqual(short('agent:"Phone 1" -diag:relay "status:486" loss>=1'), [
		[false, 'agent', ':', 'Phone 1'], [true, 'diag', ':', 'relay'],
		[false, null, '', 'status:486'], [false, 'loss', '>=', '1'],
	]);
	assert.deepEqual(short('  '), []);
	assert.deepEqual(t.splitTerms('a  "b c').map((x) => [x.text, x.at]), [['a', 0], ['"b c', 3]]);
});

test('a term is set, replaced and taken away where it stands', () => {
	assert.equal(t.setTerm('', 'status', ':', '486'), 'status:486');
	assert.equal(t.setTerm('49 status:486 mos<3', 'status', ':', '4xx'), '49 status:4xx mos<3');
	assert.equal(t.setTerm('49 status:486 mos<3', 'status', ':', ''), '49 mos<3');
	assert.equal(t.setTerm('duration>60', 'duration', '<', '90'), 'duration>60 duration<90');
	assert.equal(t.setTerm('mos<=3', 'mos', '<', '3.5'), 'mos<3.5');
	assert.equal(t.setTerm('-state:failed', 'state', ':', 'failed'), '-state:failed state:failed');
	assert.equal(t.setTerm('', 'agent', ':', 'Phone "1"'), 'agent:"Phone 1"');
});

test('the value of a term', () => {
	assert.equal(t.getTerm('49 agent:"Phone 1"', 'agent'), 'Phone 1');
	assert.equal(t.getTerm('-state:failed', 'state'), '');
	assert.equal(t.getTerm('duration>60 duration<90', 'duration', '<'), '90');
});

test('one word less', () => {
	assert.equal(t.dropTerm('49  status:486 "a b"', 1), '49 "a b"');
});

test('places are in characters', () => {
	assert.equal(t.atCharacter('öl status:x', 3), 3);
	assert.equal(t.atCharacter('😀 x', 1), 2);
});
