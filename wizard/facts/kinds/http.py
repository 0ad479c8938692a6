"""Facts from an HTTP reply."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from wizard.facts.documents import read_document
from wizard.facts.errors import DocumentError
from wizard.facts.reading import Raw
from wizard.guide.models.facts import HttpRead
from wizard.units import parse_duration

if TYPE_CHECKING:
    from wizard.facts.reading import Asking


def read_http(asking: Asking) -> Raw:
    """Give `status`, `text` and, where the body is JSON, `json`; `match` is held against the text.

    A status of 400 and above is a value like any other; HostError where there is no reply.
    """
    from wizard.templates import render_text, render_url

    model = asking.fact.http
    read = model if isinstance(model, HttpRead) else HttpRead(url=str(model))
    url = render_url(read.url, asking.env)
    reply = asking.machine.http(
        url,
        headers={name: render_text(text, asking.env) for name, text in read.headers.items()},
        timeout=parse_duration(render_text(read.timeout, asking.env)),
        tls_verify=read.tls_verify,
    )
    value: dict[str, Any] = {"status": reply.status, "text": reply.body}
    with suppress(DocumentError):
        value["json"] = read_document("json", reply.body.encode())
    return Raw(value, f"GET {url}", text=reply.body)
