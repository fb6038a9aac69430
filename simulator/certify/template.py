"""What `playmoney certify init` writes: a configuration with every key explained."""

TEMPLATE = """\
# What the suites have to know of your system. Every key may be left out; a check that lacks what it
# needs says so and is INCONCLUSIVE, never a pass. `playmoney certify ROLE --list` shows the needs.

target: http://127.0.0.1:9000      # or --target URL
# ca_file: ca.pem                  # or --ca-file; an authority of your own, where target is https

# How the suite proves who it is: bearer (OAuth 2 client credentials), hmac, ed25519, or headers
# where what stands in `headers` is all that you want. The studio's client judges wallet and platform;
# for rgs and jackpot name the platform's, of the test world: platform-demo.
auth: bearer
client_id: studio-demo
client_secret: studio-demo-secret
token_url: /oauth/token            # absolute, or a path of the target
signing_key: studio-demo-key       # for auth: hmac or ed25519, and for the checks of signatures

# Sent with every call.
headers:
  X-Brand-Id: brand-42
  X-Region: EU
  X-Provider-Id: studio

# Players that are there already. `rich` has at least 1000.00 and no limits; all is judged by the
# difference, so they may be in use, but nothing else should move their money during a check.
players:
  rich: {id: p_19f3, currency: EUR}
  poor: {id: p_poor, currency: EUR}          # has 1.00
  excluded: {id: p_excluded, currency: EUR}  # self-excluded
  other_currency: {id: p_usd, currency: USD}
  foreign: {id: p_uk, currency: GBP}         # of another tenant

game_id: studio:slot_forge_02      # for the sessions that checks open
pool_id: grand-eu-01               # for the jackpot's checks: it falls by call, and may be played

# Credentials of another tenant, for what must neither be seen nor moved.
other_client:
  client_id: other-brand
  client_secret: other-brand-secret
  signing_key: other-brand-key
  headers: {X-Brand-Id: brand-7, X-Region: UK, X-Provider-Id: studio}

# Credentials of this tenant that may read and nothing else: what they write has to be refused.
readonly_client:
  client_id: readonly-demo
  client_secret: readonly-demo-secret
  signing_key: readonly-demo-key
  headers: {X-Brand-Id: brand-42, X-Region: EU, X-Provider-Id: studio}

# Where a role calls you as another client than the above, which is the one of the hooks.
roles:
  rgs:
    client_id: platform-demo
    client_secret: platform-demo-secret
    signing_key: platform-demo-key
    headers: {X-Brand-Id: brand-42, X-Region: EU, X-Provider-Id: platform}
    other_client:
      client_id: other-platform
      client_secret: other-platform-secret
      signing_key: other-platform-key
      headers: {X-Brand-Id: brand-7, X-Region: UK, X-Provider-Id: platform}
  jackpot:
    client_id: platform-demo
    client_secret: platform-demo-secret
    signing_key: platform-demo-key
    headers: {X-Brand-Id: brand-42, X-Region: EU, X-Provider-Id: platform}
    other_client:
      client_id: other-platform
      client_secret: other-platform-secret
      signing_key: other-platform-key
      headers: {X-Brand-Id: brand-7, X-Region: UK, X-Provider-Id: platform}

# A private key, as a JWK (Ed25519 or P-256), by which your game server trusts players' tokens: the
# suite signs wrong ones with it, such as one for another audience. Of your game server's tests only.
# player_key: {kty: OKP, crv: Ed25519, kid: certify, x: …, d: …}

# Where you differ from the reference (rules.md, profile switches); or --profile NAME.
# profile:
#   duplicate_answer: current_balance
#   error_body: problem_json       # or status_word: a 200 whose `status` says it

# Your words for our codes.
# answers:
#   codes: {INSUFFICIENT_FUNDS: [NO_MONEY, "402"]}

# What the suite may bring about: a url (absolute, or a path of the target) or a command. Filled in
# are {player_id}, {session_id}, {game_id}, {currency}, {cash}, {seconds} and {reason}. The more of
# them there are, the more can be judged; with create_player each check has a player of its own.
hooks:
  create_player:                   # answers {"player_id": …}
    url: /__admin/players
    body: '{"currency": "{currency}", "cash": {cash}}'
  lock_player:                     # self-exclude, at once
    url: /__admin/players/{player_id}
    method: PATCH
    body: '{"self_excluded": true}'
  limit_player:                    # as the player would: at most {cash} a day in stakes
    url: /__admin/players/{player_id}/limits
    method: PUT
    body: '{"limit": "stake", "period": "day", "amount": {"amount": {cash}, "currency": "{currency}"}}'
  block_payouts:                   # refuse jackpots for {reason}, such as AML; `none` lets them through
    url: /__admin/players/{player_id}
    method: PATCH
    body: '{"payout_block": "{reason}"}'
  create_session:                  # answers {"session_id": …}
    url: /v1/sessions
    body: '{"player_id": "{player_id}", "game_id": "{game_id}", "currency": "{currency}", "locale": "en-IE"}'
    as_client: true                # with the main client's headers and proof
  limited_session:                 # no stake above {cash}; answers session_id and constraints.max_bet
    url: /v1/sessions
    body: '{"player_id": "{player_id}", "game_id": "{game_id}", "currency": "{currency}", "locale": "en-IE", "constraints": {"max_bet": {cash}}}'
    as_client: true
  player_token:                    # answers {"player_token": …}, build_hash and geo if known
    url: /v1/sessions/{session_id}/launch
    as_client: true
  expire_session:
    url: /v1/sessions/{session_id}/end
    as_client: true
  advance_clock:                   # let {seconds} pass on your clock; a command will do too:
    # command: [./advance.sh, "{seconds}"]
    url: /__admin/clock/advance
    body: '{"by_ms": {seconds}000}'
  reconcile:                       # judge your own books: not 2xx, or {"sound": false}, is a break
    url: /__admin/reconcile?party=wallet
    method: GET

timeout_ms: 5000                   # for one answer
parallel: 12                       # how many calls a race is made of
"""  # noqa: E501  one line of YAML is one line
