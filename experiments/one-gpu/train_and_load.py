# Trains an adapter with the script that it is given, loads it into the running vLLM, and reports it as the new judge. Standard library only.
#
# The command backend runs it with AUTODIDACT_* in the environment. A training that is done is not repeated: where vLLM was not there, the
# next attempt only loads. The name of the adapter is its folder: a training has its own, and a later one can start from it.
#
# Routes checked against vLLM: vllm/entrypoints/openai/models/serving.py at 00153c8b7948 (adapters: 400 for a name that is loaded already),
# docs/features/lora.md at 05863f176838 (VLLM_ALLOW_RUNTIME_LORA_UPDATING), docs/features/sleep_mode.md at 01181ddf28bd (/sleep, /wake_up).
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request

SERVER = os.environ["AUTODIDACT_SERVER"].rstrip("/")
KEPT = os.environ["AUTODIDACT_KEPT_FOLDER"]
RESULT = os.environ["AUTODIDACT_RESULT_FILE"]
SLEEPS = os.environ.get("AUTODIDACT_SLEEP", "yes") == "yes"
# How long a vLLM that does not answer is waited for: it may be starting.
PATIENCE_S = float(os.environ.get("AUTODIDACT_PATIENCE_S", "3600"))
ADAPTER = os.path.join(KEPT, "adapter")


def ask(path, body=None):
    """Status and text of an answer; (0, why) where there is none."""
    headers = {"Content-Type": "application/json"}
    # As vLLM itself is told its key.
    key = os.environ.get("VLLM_API_KEY")
    if key:
        headers["Authorization"] = f"Bearer {key}"
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(SERVER + path, data, headers), timeout=600) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except OSError as error:
        return 0, str(error)


def loaded():
    status, text = ask("/v1/models")
    if status != 200:
        raise SystemExit(f"{SERVER}/v1/models answered {status}: {text[:500]}")
    return {model["id"]: model.get("root") for model in json.loads(text)["data"]}


def wait_for_server():
    until = time.monotonic() + PATIENCE_S
    while True:
        status, why = ask("/health")
        if status == 200:
            return
        if time.monotonic() > until:
            raise SystemExit(f"no vLLM at {SERVER}: {why or status}. Start it with serve.sh and run the experiment again.")
        print(f"waiting for vLLM at {SERVER}: {why or status}", flush=True)
        time.sleep(min(10.0, PATIENCE_S / 10))


def train():
    if SLEEPS:
        status, text = ask("/sleep?level=1", {})
        # A vLLM that is not there does not hold memory.
        if status == 404:
            raise SystemExit("vLLM has no /sleep: start it with serve.sh, or set trainer.values.sleep to no where the GPU holds both.")
        if status not in (0, 200):
            raise SystemExit(f"vLLM did not free its memory: {status} {text[:500]}")
    code = subprocess.run([sys.executable, os.environ["AUTODIDACT_TRAINER_CONFIG"]]).returncode
    if code != 0:
        raise SystemExit(code if code > 0 else 1)
    # The checkpoint that a killed training would have gone on from.
    shutil.rmtree(os.path.join(KEPT, "checkpoints"), ignore_errors=True)


def load():
    if loaded().get(ADAPTER) == ADAPTER:
        return
    status, text = ask("/v1/load_lora_adapter", {"lora_name": ADAPTER, "lora_path": ADAPTER})
    if status == 404 and "lora" not in text.lower():
        raise SystemExit("vLLM loads no adapters while it runs: start it with VLLM_ALLOW_RUNTIME_LORA_UPDATING=True, as serve.sh does.")
    if status != 200:
        raise SystemExit(f"vLLM did not load {ADAPTER}: {status} {text[:500]}")
    if ADAPTER not in loaded():
        raise SystemExit(f"vLLM loaded {ADAPTER}, but does not list it")


os.makedirs(KEPT, exist_ok=True)
try:
    if not os.path.exists(ADAPTER):
        train()
finally:
    # Also where an earlier attempt was killed meanwhile; a vLLM that is awake stays so.
    if SLEEPS:
        ask("/wake_up", {})
wait_for_server()
load()
with open(RESULT + ".partial", "w") as file:
    json.dump({"model": ADAPTER}, file)
os.replace(RESULT + ".partial", RESULT)
