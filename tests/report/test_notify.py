"""Who is told that a night failed: real servers on loopback, one for mail and one for the webhook."""

import json
from dataclasses import replace
from datetime import date
from email import message_from_string, policy

import pytest

from connectors.delivery.notify import Digest, Failure, NotNotified, tell, tell_end
from connectors.endpoints import Endpoint, EndpointError
from connectors.register.database import Head
from tests.report.sinks import a_hook, a_mailbox

FAILURE = Failure(
    date(2022, 11, 23),
    ("deliver",),
    ("barnardos", "pnd"),
    link="https://airflow.example.police.uk/dags/nightly/runs/one/plugin/the-night",
)
SUBJECT = "County Lines tracker: the night of 2022-11-23 failed in deliver; not reached: barnardos, pnd"


@pytest.fixture
def mailbox():
    with a_mailbox() as server:
        yield server


@pytest.fixture
def hook():
    with a_hook() as server:
        yield server


def mail_endpoint(mailbox):
    extra = {"from": "tracker@example.police.uk", "to": ["engineer@example.police.uk"], "tls": "none"}
    return Endpoint("night_mail", "smtp", host="127.0.0.1", port=mailbox.server_address[1], extra=extra)


def hook_endpoint(hook):
    url = f"http://127.0.0.1:{hook.server_address[1]}/night"
    return Endpoint("night_webhook", "http", password="a-token", extra={"url": url})


def known(*endpoints):
    def find(name):
        for endpoint in endpoints:
            if endpoint.name == name:
                return endpoint
        raise EndpointError(f"Connection {name} is not configured.")

    return find


def test_a_failed_night_is_told_by_mail_and_by_webhook(mailbox, hook):
    assert tell(FAILURE, known(mail_endpoint(mailbox), hook_endpoint(hook))) == ["night_mail", "night_webhook"]
    (mail,) = mailbox.received
    assert f"Subject: {SUBJECT}" in mail.replace("\r\n ", " ")
    assert "To: engineer@example.police.uk" in mail
    assert FAILURE.link in mail.replace("=\r\n", "")
    ((body, authorisation),) = hook.received
    told = ("2022-11-23", ["deliver"], ["barnardos", "pnd"], FAILURE.link)
    assert (body["night"], body["stages"], body["partners"], body["link"]) == told
    assert body["text"].startswith(SUBJECT)
    assert authorisation == "Bearer a-token"


def test_only_the_ways_that_are_configured_are_used(hook):
    assert tell(FAILURE, known(hook_endpoint(hook))) == ["night_webhook"]
    assert tell(FAILURE, known()) == []


def test_one_way_that_does_not_work_stops_no_other_and_is_named(mailbox, hook):
    nobody = replace(mail_endpoint(mailbox), port=1)
    with pytest.raises(NotNotified, match=r"could not be told by night_mail \(ConnectionRefusedError\)"):
        tell(FAILURE, known(nobody, hook_endpoint(hook)))
    assert len(hook.received) == 1


def test_a_webhook_that_refuses_is_named(hook):
    hook.status = 500
    with pytest.raises(NotNotified, match=r"night_webhook \(HTTPError\)"):
        tell(FAILURE, known(hook_endpoint(hook)))


@pytest.mark.parametrize("url", ["http://example.org/hook", "http://127.0.0.1.example.org/hook", "file:///etc/passwd"])
def test_a_webhook_is_told_over_tls_only(url):
    with pytest.raises(NotNotified, match="night_webhook"):
        tell(FAILURE, known(Endpoint("night_webhook", "http", extra={"url": url})))


@pytest.mark.parametrize("tls", ["STARTTLS", " StartTLS "])
def test_starttls_is_meant_in_any_spelling(mailbox, tls):
    extra = mail_endpoint(mailbox).extra | {"tls": tls}
    with pytest.raises(NotNotified, match=r"night_mail \(SMTPNotSupportedError\)"):
        tell(FAILURE, known(replace(mail_endpoint(mailbox), login="night", password="a-secret", extra=extra)))
    assert mailbox.received == []


@pytest.mark.parametrize("tls", ["TLS", "yes", None, True, ""])
def test_a_mail_whose_tls_is_no_agreed_word_is_not_sent(mailbox, tls):
    extra = mail_endpoint(mailbox).extra | {"tls": tls}
    with pytest.raises(NotNotified, match=r"night_mail \(ValueError\)"):
        tell(FAILURE, known(replace(mail_endpoint(mailbox), extra=extra)))
    assert mailbox.received == []


def test_mail_goes_without_tls_to_this_machine_only(mailbox):
    with pytest.raises(NotNotified, match=r"night_mail \(ValueError\)"):
        tell(FAILURE, known(replace(mail_endpoint(mailbox), host="mail.example.police.uk")))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_webhook_is_not_followed_to_another_address(hook, status):
    with a_hook() as other:
        hook.status, hook.location = status, f"http://127.0.0.1:{other.server_address[1]}/elsewhere"
        with pytest.raises(NotNotified, match=r"night_webhook \(HTTPError\)"):
            tell(FAILURE, known(hook_endpoint(hook)))
        assert other.received == []


def test_of_a_night_that_is_held_it_is_told_what_and_how_many():
    held = replace(FAILURE, held="12 children leave the tracker (at most 5 pass unasked).")
    assert "It is held, and nothing leaves until a person confirms it: 12 children leave the tracker" in held.text
    assert "children" not in held.subject
    assert "held" not in FAILURE.text


def test_where_the_register_ended_is_mailed_where_that_is_configured_and_nowhere_else(mailbox, hook):
    digest = Digest(date(2022, 11, 23), Head(7, "a" * 64, 3, "b" * 64), "33")
    others = (mail_endpoint(mailbox), hook_endpoint(hook))
    assert tell_end(digest, known(*others)) == []
    assert mailbox.received == hook.received == []
    kept = replace(mail_endpoint(mailbox), name="register_digest")
    assert tell_end(digest, known(*others, kept)) == ["register_digest"]
    mail = message_from_string(mailbox.received[0], policy=policy.default)
    assert mail["Subject"].strip() == "County Lines tracker, force 33: end of the register, night of 2022-11-23"
    assert Head(**json.loads(mail.get_content().splitlines()[0])) == digest.end


def test_a_digest_that_did_not_arrive_is_said(mailbox):
    digest, kept = (
        Digest(date(2022, 11, 23), Head(7, "a" * 64)),
        replace(mail_endpoint(mailbox), name="register_digest"),
    )
    with pytest.raises(NotNotified, match=r"Where the register ended after the night of 2022-11-23 could not be told"):
        tell_end(digest, known(replace(kept, port=9)))
