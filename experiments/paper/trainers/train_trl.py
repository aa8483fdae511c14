# Fine-tuning of all weights of the judge with TRL, with the numbers of the paper and, for DPO, of the authors. A template: placeholders in
# double braces are filled in for each job.
# SFT: learning rate 1e-6, at most 2 epochs, 100 warm-up steps, loss on the judgment only. DPO: learning rate 5.5e-8, beta 0.1, weight 1.5
# for the likelihood of the right judgment. Both: bf16, and a learning rate that ends at 0.2 of itself.
#
# Checked against the sources of TRL 1.9 (commit f2cd57710ae3: trl/trainer/{base,sft,dpo}_config.py, {sft,dpo}_trainer.py), transformers
# 5.14 (00349ae87edd: src/transformers/training_args.py) and datasets 4.7. With TRL before 0.29 the weight of the likelihood is rpo_alpha;
# transformers before 5 take a share as warmup_ratio.
import glob
import json
import os

from datasets import load_dataset
from transformers import AutoTokenizer
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

METHOD = {{method:json}}
BASE = {{baseModel:json}}
OUTPUT = {{outputFolder:json}}
# Outlives a failed attempt: what is trained is not trained again because it could not be served.
MODEL = os.path.join({{keptFolder:json}}, "model")
FILES = {"train": {{trainingFile:json}}}
{{#validationFile}}
FILES["validation"] = {{validationFile:json}}
{{/validationFile}}
MAX_LENGTH = {{values.maxLength|8192}}
# A step is of so many examples on all devices together; each takes one at a time and adds up their gradients.
EXAMPLES_PER_STEP = {{batchSize|64}}
N_DEVICES = int(os.environ.get("WORLD_SIZE", "1"))
IS_FIRST = os.environ.get("RANK", "0") == "0"
if EXAMPLES_PER_STEP % N_DEVICES != 0:
    raise SystemExit(f"train_trl.py: {EXAMPLES_PER_STEP} examples a step cannot be shared by {N_DEVICES} devices: change finetune.batchSize")


def report(checkpoints):
    result = {{resultFile:json}}
    with open(result + ".partial", "w") as file:
        json.dump({"model": MODEL, **({"checkpoints": checkpoints} if checkpoints else {})}, file)
    os.replace(result + ".partial", result)


if os.path.exists(MODEL):
    if IS_FIRST:
        report([])
    raise SystemExit(0)


def example(row):
    if METHOD == "dpo":
        return {
            "prompt": row["input"]["messages"],
            "chosen": row["preferred_output"],
            "rejected": row["non_preferred_output"],
        }
    # The last message is the judgment; TRL computes the loss on the completion only.
    return {"prompt": row["messages"][:-1], "completion": row["messages"][-1:]}


tokenizer = AutoTokenizer.from_pretrained(BASE)


def fits(row):
    ends = [row["chosen"], row["rejected"]] if METHOD == "dpo" else [row["completion"]]
    return all(
        len(tokenizer.apply_chat_template(row["prompt"] + end, tokenize=True, return_dict=True)["input_ids"])
        <= MAX_LENGTH
        for end in ends
    )


data = load_dataset("json", data_files=FILES)
data = data.map(example, remove_columns=data["train"].column_names)
# TRL cuts what is longer at its end, which is the verdict. Such examples are left out instead.
for name in FILES:
    n_all = len(data[name])
    data[name] = data[name].filter(fits)
    n_left_out = n_all - len(data[name])
    if IS_FIRST:
        print(f"{name}: {n_left_out} of {n_all} examples are longer than {MAX_LENGTH} tokens and left out", flush=True)
    if n_left_out > n_all / 10:
        raise SystemExit("train_trl.py: more than a tenth is too long: set trainer.values.maxLength, if model and memory allow it")

common = dict(
    output_dir=OUTPUT,
    lr_scheduler_type="cosine_with_min_lr",
    lr_scheduler_kwargs={"min_lr_rate": 0.2},
    per_device_train_batch_size=1,
    per_device_eval_batch_size=1,
    # DEVIATION: the batch size of the paper is unknown.
    gradient_accumulation_steps=EXAMPLES_PER_STEP // N_DEVICES,
    gradient_checkpointing=True,
    bf16=True,
    max_length=MAX_LENGTH,
    seed={{seed}},
    data_seed={{seed}},
    # "epoch" keeps a model for each epoch, to choose among; optimizer states, of twice the size, are never kept.
    save_strategy="{{values.checkpoints|no}}",
    save_only_model=True,
    eval_strategy="epoch" if "validation" in FILES else "no",
    logging_steps=1,
    report_to="none",
    model_init_kwargs={"dtype": "bfloat16"},
)
if METHOD == "dpo":
    Trainer = DPOTrainer
    arguments = DPOConfig(
        **common,
        beta={{beta|0.1}},
        loss_type=["sigmoid", "sft"],
        loss_weights=[1.0, {{nllScale|1.5}}],
        learning_rate={{learningRate|5.5e-8}},
        warmup_steps={{values.warmupSteps|0}},
        num_train_epochs={{epochs|1}},
        # The reference answers first and leaves the memory to the training.
        precompute_ref_log_probs=True,
    )
else:
    Trainer = SFTTrainer
    arguments = SFTConfig(
        **common,
        completion_only_loss=True,
        learning_rate={{learningRate|1e-6}},
        # 100 as in the paper, but at most a tenth of all steps.
        warmup_steps={{warmupSteps|0.1}},
        num_train_epochs={{epochs|2}},
    )
trainer = Trainer(
    model=BASE,
    args=arguments,
    train_dataset=data["train"],
    eval_dataset=data["validation"] if "validation" in FILES else None,
    processing_class=tokenizer,
)
trainer.train()
# The folder of the model appears whole.
trainer.save_model(MODEL + ".partial")
if trainer.is_world_process_zero():
    os.replace(MODEL + ".partial", MODEL)
    checkpoints = []
    for folder in glob.glob(os.path.join(OUTPUT, "checkpoint-*")):
        with open(os.path.join(folder, "trainer_state.json")) as file:
            state = json.load(file)
        checkpoints.append({"model": folder, "step": state["global_step"], "epoch": state["epoch"]})
    checkpoints.sort(key=lambda checkpoint: checkpoint["step"])
    report(checkpoints)
