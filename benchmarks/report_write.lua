-- PUTs one new report of a random patient after the other. Every tenth carries a sign for the same day.
local PATIENTS = tonumber(os.getenv("PATIENTS"))
local CLINICS = 100
local count = 0

function init(args)
  math.randomseed(tonumber(args[1]))
end

local function random_id()
  local id = string.gsub("xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx", "x", function()
    return string.format("%x", math.random(0, 15))
  end)
  return id
end

function request()
  count = count + 1
  local patient = math.random(1, PATIENTS)
  local hex = string.format("%012x", patient)
  local treatment = "00000000-0000-0000-0000-" .. hex
  local clinic = string.format("%032x", patient % CLINICS + 1)
  local headers = {
    ["Content-Type"] = "application/json",
    ["Authorization"] = "Bearer ag_" .. clinic .. "_" .. string.format("%043d", patient),
  }
  local body = string.format(
    '{"seen_at":"%s","scores":{"redness":%d,"swelling":%d,"peeling":%d,"pain":%d},"warning_signs":[%s]}',
    os.date("!%Y-%m-%dT%H:%M:%SZ"), math.random(1, 2), math.random(0, 1), math.random(1, 2),
    math.random(0, 1), count % 10 == 0 and '"pus"' or "")
  local path = "/api/v1/me/treatments/" .. treatment .. "/reports/" .. random_id()
  return wrk.format("PUT", path, headers, body)
end
