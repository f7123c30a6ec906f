// The header, and the page below it.
import { useEffect, useState } from 'preact/hooks';
import { postJson } from '../core/api.js';
import { clock, utc, zone } from '../core/format.js';
import { chooseTheme, chosenTheme, nextTheme } from '../core/theme.js';
import { Menu } from '../components/Menu.jsx';
import { pages, roleAtLeast } from '../pages/index.js';
import { Health } from './parts.js';
import { useRouter } from './Router.jsx';
import { useSession } from './Session.jsx';

export function Layout({ children }) {
	return (
		<>
			<a class="skip" href="#main">Skip to the page</a>
			<header class="top">
				<a class="brand" href="/search">callscope</a>
				<Nav />
				<div class="state">
					{Health && <Health />}
					<Clock />
				</div>
				<ThemeSwitch />
				<User />
			</header>
			<main id="main" tabIndex={-1}>{children}</main>
		</>
	);
}

function Nav() {
	const { page } = useRouter();

	return (
		<nav aria-label="Pages">
			{pages.filter((p) => p.nav).map((p) => (
				<a key={p.path} href={`/${p.path}`}
					aria-current={p === page ? 'page' : undefined}>
					{p.title}
				</a>
			))}
		</nav>
	);
}

function Clock() {
	const [now, setNow] = useState(() => new Date());

	useEffect(() => {
		const timer = setInterval(() => setNow(new Date()), 1000);

		return () => clearInterval(timer);
	}, []);
	const iso = now.toISOString();

	return (
		<time class="clock" datetime={iso} title={utc(iso)}>
			<span class="hms">{clock(iso, { ms: false })} </span>
			<span class="muted">{zone(now)}</span>
		</time>
	);
}

const signs = { system: '◐', light: '☀', dark: '☾' };

function ThemeSwitch() {
	const [theme, setTheme] = useState(chosenTheme);

	function turn() {
		const next = nextTheme(theme);

		chooseTheme(next);
		setTheme(next);
	}

	return (
		<button type="button" class="icon" onClick={turn}
			title={`Theme: ${theme}`} aria-label={`Theme: ${theme}. Change it`}>
			<span aria-hidden="true">{signs[theme]}</span>
		</button>
	);
}

function User() {
	const session = useSession();

	async function leave() {
		await postJson('/logout', undefined, session);
		location.assign('/');
	}

	return (
		<Menu label={session.user} title={`Logged in as ${session.user}`} class="user">
			{(close) => (
				<>
					<p class="muted">{session.role}{session.masked && ', numbers masked'}</p>
					<ul class="links">
						{pages.filter((p) => p.role && roleAtLeast(session.role, p.role))
							.map((p) => (
								<li key={p.path}>
									<a href={`/${p.path}`} onClick={close}>{p.title}</a>
								</li>
							))}
						<li><a href="/help" onClick={close}>Help</a></li>
					</ul>
					<button type="button" onClick={leave}>Log out</button>
				</>
			)}
		</Menu>
	);
}
