"""A real server and a real browser, Debian's own Chromium; nothing leaves the machine."""

import threading

import pytest
from playwright.sync_api import sync_playwright
from waitress import create_server, wasyncore

from tests.web.pages import signed_in

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"phone": {"width": 360, "height": 740}, "desk": {"width": 1280, "height": 900}}


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def site(app, clock):
    """The address of the application, served for real to the browser."""
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))  # in the loop's thread
    thread.join(timeout=5)
    server.task_dispatcher.shutdown()


@pytest.fixture
def visit(browser, site, app):
    """`visit("phone", membership)`: a browser page, signed in, that refuses outside requests."""
    contexts = []

    def open_page(size="phone", membership=None, *, script=True, dark=False):
        context = browser.new_context(
            base_url=site,
            viewport=SIZES[size],
            locale="fr-FR",
            java_script_enabled=script,
            color_scheme="dark" if dark else "light",
        )
        contexts.append(context)
        if membership is not None:
            context.add_cookies([_signed_cookie(app, membership, site)])
        page = context.new_page()
        page.outside = []
        page.on(
            "request",
            lambda asked: (
                page.outside.append(asked.url)
                if not asked.url.startswith((site, "data:"))
                else None
            ),
        )
        page.faults = []
        page.on("console", lambda said: said.type == "error" and page.faults.append(said.text))
        return page

    yield open_page
    for context in contexts:
        context.close()


def _signed_cookie(app, membership, site):
    content = signed_in(app, membership)
    signer = app.session_interface.get_signing_serializer(app)
    return {"name": app.config["SESSION_COOKIE_NAME"], "value": signer.dumps(content), "url": site}
