"""Replies of an HTTP server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.checks.comparing import shown
from wizard.checks.context import Verdict
from wizard.errors import HostError
from wizard.facts.documents import read_document
from wizard.facts.errors import DocumentError

if TYPE_CHECKING:
    from wizard.checks.context import Inquiry
    from wizard.guide.models.checks import HttpCheck
    from wizard.host.protocols import HttpReply


def ask_http(inquiry: Inquiry) -> Verdict:
    """Pass where the reply has the status, the text and the JSON the guide wants.

    No reply at all is a failure, not a doubt: what the check claims is that one comes.
    """
    from wizard.templates import render_url

    model: HttpCheck = inquiry.model
    url = render_url(model.url, inquiry.env)
    by = f"{model.method} {url}"
    wanted = [int(inquiry.number(one)) for one in (model.status if isinstance(model.status, list) else [model.status])]
    try:
        reply = inquiry.machine.http(
            url,
            method=model.method,
            headers={name: inquiry.text(text) for name, text in model.headers.items()},
            body=inquiry.optional(model.body),
            timeout=inquiry.seconds(model.timeout),
            tls_verify=model.tls_verify,
        )
    except HostError as error:
        return Verdict.fail(f"no reply: {error.message}", by)
    if reply.status not in wanted:
        expected = " or ".join(str(status) for status in wanted)
        return Verdict.fail(f"status {reply.status}, not {expected}: {shown(reply.body)}", by)
    missing = _missing(inquiry, model, reply)
    return Verdict.of(not missing, f"status {reply.status}{missing}", by)


def _missing(inquiry: Inquiry, model: HttpCheck, reply: HttpReply) -> str:
    """What the reply lacks, to be said after its status; empty where it lacks nothing."""
    if model.contains is not None and (text := inquiry.text(model.contains)) not in reply.body:
        return f", but the reply does not contain {shown(text)}: {shown(reply.body)}"
    if model.match is not None and not re.search(inquiry.regex(model.match), reply.body, re.MULTILINE):
        return f", but nothing in the reply matches {shown(model.match)}: {shown(reply.body)}"
    if model.json_ is None:
        return ""
    try:
        document: Any = read_document("json", reply.body.encode())
    except DocumentError as error:
        return f", but the reply is not JSON ({error.message}): {shown(reply.body)}"
    from wizard.expressions import compile_expression

    if compile_expression(model.json_).holds(inquiry.env.with_names(reply=document)):
        return ""
    return f", but `{model.json_}` does not hold: {shown(document)}"
