-- wrk script: one POST for each id of a file, in order. The ids are random (UUIDv4): sequential ones
-- would flatter every index. Environment: MODE (authorize, settle, debit, spin, round, contribute), IDS (the file), FIRST (index of
-- the first id), SESSION (or SESSIONS, a file of them, used in turn), TOKEN. The echo gets the very
-- same requests.

local mode = os.getenv("MODE")
local session = os.getenv("SESSION") or "s_none"
local headers = {
  ["Content-Type"] = "application/json",
  ["Authorization"] = "Bearer " .. (os.getenv("TOKEN") or "none"),
  ["X-Trace-Id"] = "tr_bench",
  ["X-Brand-Id"] = "brand-42",
  ["X-Region"] = "EU",
  ["X-Provider-Id"] = "studio",
}

local ids = {}
local sessions = {}
local position = tonumber(os.getenv("FIRST") or "0")

function init(args)
  for line in io.lines(os.getenv("IDS")) do ids[#ids + 1] = line end
  if os.getenv("SESSIONS") then
    for line in io.lines(os.getenv("SESSIONS")) do sessions[#sessions + 1] = line end
  end
end

local bodies = {
  authorize = function(id)
    return "/v1/bets/authorize", '{"session_id":"' .. session .. '","bet_id":"b-' .. id ..
      '","round_id":"r-' .. id .. '","amount":{"amount":0.01,"currency":"EUR"}}'
  end,
  settle = function(id)
    return "/v1/bets/settle", '{"bet_id":"b-' .. id .. '","round_id":"r-' .. id ..
      '","win":{"amount":0.02,"currency":"EUR"}}'
  end,
  debit = function(id)
    return "/v1/wallet/debit", '{"transaction_id":"d-' .. id ..
      '","player_id":"p_bench","round_id":"w-' .. id ..
      '","amount":{"amount":0.01,"currency":"EUR"}}'
  end,
  spin = function(id)
    return "/rgs/v1/spins", '{"spin_id":"s-' .. id .. '","round_id":"g-' .. id ..
      '","session_id":"' .. session .. '","stake":{"amount":1.00,"currency":"EUR"},' ..
      '"spin_type":"cash","idempotency_key":"spin-' .. id .. '"}'
  end,
  round = function(id)
    return "/play/v1/rounds", '{"session_id":"' .. session .. '","round_id":"p-' .. id ..
      '","stake":{"amount":1.00,"currency":"EUR"}}'
  end,
  contribute = function(id)
    return "/v1/jp/contributions", '{"jp_contrib_id":"c-' .. id .. '","tenant_id":"brand-42",' ..
      '"pool_id":"grand-eu-01","round_id":"r-' .. id .. '","bet_id":"b-' .. id ..
      '","player_id":"p_19f3","bet":{"amount":2.00,"currency":"EUR"},' ..
      '"idempotency_key":"k-' .. id .. '"}'
  end,
}

function request()
  position = position + 1
  if mode == "replay" then -- a GET that changes nothing: the ids may come again
    local id = ids[(position - 1) % #ids + 1]
    return wrk.format("GET", "/rgs/v1/spins/s-" .. id .. "/replay", headers)
  end
  local id = ids[position] or error("out of ids")
  if #sessions > 0 then session = sessions[position % #sessions + 1] end
  local path, body = bodies[mode](id)
  headers["X-Idempotency-Key"] = mode .. id
  return wrk.format("POST", path, headers, body)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    "RESULT {\"requests\": %d, \"seconds\": %.6f, \"errors\": %d, \"refused\": %d, " ..
    "\"p50_ms\": %.3f, \"p95_ms\": %.3f, \"p99_ms\": %.3f}\n",
    summary.requests, summary.duration / 1e6,
    errors.connect + errors.read + errors.write + errors.timeout, errors.status,
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000))
end
