"""Puts the web application together."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_openapi3.openapi import OpenAPI
from flask_talisman import Talisman
from flask_wtf import CSRFProtect
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_flask_exporter import PrometheusMetrics
from werkzeug.middleware.proxy_fix import ProxyFix

from app import database, tracing
from app.settings import Settings
from app.views import api, auth, errors, health, problems, ui
from app.views.api import documentation
from app.views.database import db
from app.views.ui import streams

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ROOT = Path(__file__).resolve().parent

#: Nothing inline, nothing from elsewhere; `data:` is for the icons in Tabler's style sheet.
CONTENT_SECURITY_POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}

#: Names of bundled files carry a hash of their content.
STATIC_SECONDS = 365 * 24 * 3600

#: What a form takes beside the file in it.
FORM_BYTES = 2 * 1024**2

#: Who asks for these comes past the proxy, without TLS: the kubelet, compose, Prometheus.
UNPROXIED = frozenset({"/healthz", "/readyz", "/metrics"})


def create_app(settings: Settings) -> Flask:
    """The web application; connects to nothing yet."""
    app = OpenAPI(
        "app",
        info=documentation.INFO,
        security_schemes=documentation.SECURITY_SCHEMES,
        validation_error_callback=problems.of_validation,
        doc_ui=False,
        root_path=str(ROOT),
        template_folder=str(ROOT.parent / "templates"),
        static_folder=str(ROOT / "static"),
    )
    _configure(app, settings)
    db.init_app(app)
    auth.install(app)
    errors.install(app)
    talisman = _protect(app, settings)
    _measure(app)
    _mount(app)
    _leave_plain(app, talisman)
    streams.install(app)
    _limit_sign_in(app, settings)
    _trace(app)
    return app


def _mount(app: OpenAPI) -> None:
    """The site map."""
    app.register_blueprint(health.blueprint)
    app.register_blueprint(api.document)
    for resource in api.BLUEPRINTS:
        app.register_api(resource)
    for pages in ui.BLUEPRINTS:
        app.register_blueprint(pages)


def _configure(app: Flask, settings: Settings) -> None:
    app.extensions["testops"] = settings
    app.config.update(
        SECRET_KEY=hashlib.sha256(f"testops-session:{settings.secret}".encode()).hexdigest(),
        SQLALCHEMY_DATABASE_URI=database.url_of(settings),
        SQLALCHEMY_ENGINE_OPTIONS=database.engine_options(settings),
        MAX_CONTENT_LENGTH=settings.max_upload_bytes + FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=FORM_BYTES,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        SEND_FILE_MAX_AGE_DEFAULT=STATIC_SECONDS,
        # Pages stay open for hours and go on asking; the token ends with the session.
        WTF_CSRF_TIME_LIMIT=None,
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _protect(app: Flask, settings: Settings) -> Talisman:
    csrf = CSRFProtect(app)
    for resource in api.BLUEPRINTS:
        # Its callers prove themselves by a token that no browser sends by itself.
        csrf.exempt(resource)
    return Talisman(
        app,
        force_https=settings.https_only,
        strict_transport_security=settings.https_only,
        session_cookie_secure=settings.https_only,
        session_cookie_samesite="Lax",
        content_security_policy=CONTENT_SECURITY_POLICY,
        frame_options="DENY",
        referrer_policy="same-origin",
    )


def _leave_plain(app: Flask, talisman: Talisman) -> None:
    """Answer some over http: redirected to an https that web does not speak, no probe succeeds."""
    for rule in app.url_map.iter_rules():
        if rule.rule in UNPROXIED:
            view = app.view_functions[rule.endpoint]
            app.view_functions[rule.endpoint] = talisman(force_https=False)(_own(view))


def _own(view: Callable[..., object]) -> Callable[..., object]:
    """The view, as a function that no other application has: Talisman writes on it."""

    @functools.wraps(view)
    def answered(*args: object, **kwargs: object) -> object:
        return view(*args, **kwargs)

    return answered


class _Process:
    """The metrics of this process, declared in app.metrics, beside those of one application."""

    collect = staticmethod(REGISTRY.collect)


def _measure(app: Flask) -> None:
    # Each application counts its own requests: tests make several in one process.
    registry = CollectorRegistry()
    registry.register(_Process())
    PrometheusMetrics(app, registry=registry, group_by="url_rule")


def _limit_sign_in(app: Flask, settings: Settings) -> None:
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    limit = limiter.limit(settings.sign_in_rate, methods=["POST"])
    app.view_functions[auth.SIGN_IN] = limit(app.view_functions[auth.SIGN_IN])  # type: ignore[assignment]  # wraps a view


def _trace(app: Flask) -> None:
    inner = app.wsgi_app

    def traced(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with tracing.following(environ.get("HTTP_TRACEPARENT", "")):
            return inner(environ, start_response)

    app.wsgi_app = traced  # type: ignore[method-assign]  # as Flask's documentation has it
