"""How do people sign on by the force's own OpenID provider, and which of its groups has which role here?

Airflow's FAB auth manager reads this file where `AIRFLOW__FAB__CONFIG_FILE` names it. Whoever the provider lets in gets
an account of that name, and with it only what their groups give, anew each time they sign on: somebody of no group sees
nothing. What is not set stops the server, so that it never falls back to passwords. The client's secret is in a file.
"""

import json
import os
from pathlib import Path

from flask_appbuilder.const import AUTH_OAUTH

AUTH_TYPE = AUTH_OAUTH
AUTH_USER_REGISTRATION = True
AUTH_USER_REGISTRATION_ROLE = "Public"  # everybody's, and it may see nothing
AUTH_ROLES_SYNC_AT_LOGIN = True
AUTH_ROLES_MAPPING = json.loads(os.environ["CLVT_OIDC_ROLES"])
OAUTH_PROVIDERS = [
    {
        "name": "force",
        "icon": "fa-key",
        "token_key": "access_token",
        "remote_app": {
            "client_id": os.environ["CLVT_OIDC_CLIENT"],
            "client_secret": Path(os.environ["CLVT_OIDC_SECRET_FILE"]).read_text(encoding="utf-8").strip(),
            "server_metadata_url": f"{os.environ['CLVT_OIDC_ISSUER'].rstrip('/')}/.well-known/openid-configuration",
            "client_kwargs": {"scope": os.environ["CLVT_OIDC_SCOPE"], "code_challenge_method": "S256"},
        },
    }
]
