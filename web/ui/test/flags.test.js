import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { diagnosisNames, flagsOf } from '../src/core/flags.js';

const words = (row) => flagsOf(row).map((f) => f.words);

test('worst first, each once', () => {
	assert.deepEqual(words({ diagnoses: ['relay', 'one-way', 'late-media', 'relay'] }),
		['one way', 'late media', 'relay']);
});

test('loss says from whom, and how bad', () => {
	const row = { diagnoses: ['loss'], a_loss_pct: 6, b_loss_pct: 0 };

	assert.deepEqual(flagsOf(row), [{ code: 'loss', words: 'loss from caller', severity: 'error' }]);
	assert.equal(flagsOf({ ...row, a_loss_pct: 2, b_loss_pct: 3 })[0].words, 'loss both ways');
	assert.equal(flagsOf({ diagnoses: ['loss'] })[0].words, 'loss');
});

test('what no diagnosis says', () => {
	assert.deepEqual(words({ type: 'call', a_codec: 'opus', b_codec: 'PCMA', partial: 'start' }),
		['two codecs', 'partial: start']);
	assert.deepEqual(words({ type: 'call', a_codec: 'PCMA', b_codec: 'pcma', diagnoses: ['new-code'] }),
		['new-code']);
});

test('each diagnosis of the report has its words', () => {
	const doc = readFileSync(new URL('../../../docs/REPORT.md', import.meta.url), 'utf8');
	const table = doc.slice(doc.indexOf('## Diagnoses'), doc.indexOf('## Registrations'));
	const codes = [...table.matchAll(/^\| ([a-z][a-z, -]+) \| (error|warning|notice)/gm)]
		.flatMap((m) => m[1].split(', '));

	assert.deepEqual(diagnosisNames().map(([code]) => code).sort(), codes.sort());
});
