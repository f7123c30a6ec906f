// Firefox over its own remote protocol: "LENGTH:JSON", [0, id, command,
// parameters] there and [1, id, error, result] back. No geckodriver.
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';

const prefs = {
	'app.update.enabled': false,
	'browser.shell.checkDefaultBrowser': false,
	'browser.startup.page': 0,
	'datareporting.policy.dataSubmissionEnabled': false,
	'dom.disable_beforeunload': true,
	'media.devices.insecure.enabled': true,
	'media.getusermedia.insecure.enabled': true,
	'media.navigator.permission.disabled': true,
	'media.navigator.streams.fake': true,
	'media.navigator.video.default_fps': 8,
	'media.navigator.video.default_height': 120,
	'media.navigator.video.default_width': 160,
	'media.gmp-manager.updateEnabled': false,
	'media.peerconnection.ice.obfuscate_host_addresses': false,
	'network.captive-portal-service.enabled': false,
	'network.connectivity-service.enabled': false,
	'network.dns.disableIPv6': true,
	'services.settings.server': 'data:,',
	'toolkit.telemetry.enabled': false,
};

// The port is in the network namespace: a small program there carries it.
const carry = `const s = require("net").connect(2828, "127.0.0.1");
	s.on("error", () => process.exit(1)).on("close", () => process.exit(0));
	process.stdin.pipe(s).pipe(process.stdout)`;

function connect(inside) {
	return new Promise((done, fail) => {
		const [command, ...args] = [...inside, 'node', '-e', carry];
		const io = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });

		io.stdin.on('error', fail);
		io.on('exit', () => fail(new Error('no Marionette')));
		io.stdout.once('data', (first) => done({ io, first }));
	});
}

function conversation({ io, first }) {
	const waiting = new Map();
	let bytes = first;
	let next = 1;

	function take() {
		for (;;) {
			const colon = bytes.indexOf(58);
			const end = colon + 1 + Number(bytes.subarray(0, colon));

			if (colon < 0 || bytes.length < end)
				return;
			const message = JSON.parse(bytes.subarray(colon + 1, end));

			bytes = bytes.subarray(end);
			if (!Array.isArray(message))
				continue; // its greeting
			const [done, fail] = waiting.get(message[1]);

			waiting.delete(message[1]);
			if (message[2])
				fail(new Error(message[2].message));
			else
				done(message[3]);
		}
	}
	io.stdout.on('data', (chunk) => {
		bytes = Buffer.concat([bytes, chunk]);
		take();
	});
	take();
	return (command, parameters = {}) => new Promise((done, fail) => {
		const text = JSON.stringify([0, next, command, parameters]);

		waiting.set(next++, [done, fail]);
		io.stdin.write(`${Buffer.byteLength(text)}:${text}`);
	});
}

export async function firefox({ inside, dir, url, more }) {
	const all = { ...prefs, ...more };

	await mkdir(dir, { recursive: true });
	await writeFile(`${dir}/user.js`, Object.entries(all).map(([k, v]) =>
		`user_pref("${k}", ${JSON.stringify(v)});\n`).join(''));
	const [command, ...args] = [...inside, 'firefox-esr', '--headless',
		'--marionette', '--no-remote', '--profile', dir];
	const child = spawn(command, args, {
		stdio: 'ignore',
		env: { ...process.env, HOME: dir, MOZ_REMOTE_SETTINGS_DEVTOOLS: '1',
			SSLKEYLOGFILE: `${dir}.keylog` },
	});
	let link;

	for (let tries = 0; !link; tries++)
		link = await connect(inside).catch(async (e) => {
			if (tries > 100 || child.exitCode !== null)
				throw e;
			await new Promise((done) => setTimeout(done, 300));
		});
	const ask = conversation(link);
	const { capabilities } = await ask('WebDriver:NewSession');

	await ask('WebDriver:SetTimeouts', { script: 120000 });
	await ask('WebDriver:Navigate', { url });
	return {
		version: `Firefox ${capabilities.browserVersion}`,
		async evaluate(expression) {
			const { value } = await ask('WebDriver:ExecuteAsyncScript', {
				args: [], sandbox: null,
				script: `const done = arguments[arguments.length - 1];
					(async () => JSON.stringify(await (${expression})))()
					.then((v) => done("v" + v), (e) => done("e" + e));`,
			});

			if (value[0] === 'e')
				throw new Error(value.slice(1));
			return value === 'vundefined' ? null : JSON.parse(value.slice(1));
		},
		async close() {
			const gone = new Promise((done) => child.on('exit', done));

			await ask('Marionette:Quit', { flags: ['eForceQuit'] })
				.catch(() => child.kill());
			await gone;
		},
	};
}
