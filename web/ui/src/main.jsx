import { render } from 'preact';
import { matchPath } from './core/router.js';
import { pages } from './pages/index.js';
import { Keys } from './shell/Keys.jsx';
import { Layout } from './shell/Layout.jsx';
import { Page, loadPage } from './shell/Page.jsx';
import { Router } from './shell/Router.jsx';
import { Session } from './shell/Session.jsx';
import { Shortcuts } from './shell/Shortcuts.jsx';

const { page } = matchPath(location.pathname, pages);

if (page)
	loadPage(page);
render(
	<Router>
		<Keys>
			<Session>
				<Layout><Page /></Layout>
				<Shortcuts />
			</Session>
		</Keys>
	</Router>,
	document.getElementById('app'),
);
