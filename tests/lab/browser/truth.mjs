// truth.mjs NAME DIR [NOTE...]: one object out of what a scenario left in DIR.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';

const [name, dir, ...notes] = process.argv.slice(2);
const lines = (file) => existsSync(file) ?
	readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
const first = (command, ...args) => {
	try {
		return execFileSync(command, args, { encoding: 'utf8' })
			.split('\n').find(Boolean) ?? null;
	} catch {
		return null;
	}
};

// A log line begins with its time in seconds and a colon.
const servers = Object.fromEntries(readdirSync(dir)
	.filter((f) => /^turn\d+\.log$/.test(f))
	.map((f) => [f.slice(4, -4), lines(`${dir}/${f}`)
		.filter((l) => /session|peer|channel|realm|user/i.test(l))
		.map((l) => l.replace(/^\d+: :? ?/, ''))]));

console.log(JSON.stringify({
	name, notes,
	recorded: new Date().toISOString(),
	node: process.version,
	coturn: first('dpkg-query', '-W', '-f', '${Version}', 'coturn'),
	pages: JSON.parse(readFileSync(`${dir}/pages.json`, 'utf8')),
	turn: servers,
	counters: lines(`${dir}/counters`),
}, null, '\t'));
