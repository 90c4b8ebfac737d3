"""Adaptive practice as people would write it, on top of mastery.py: a session, an answer graded with its mastery, ability
by 61 nodes, and the most informative item of the weakest concept next, in one transaction. It keeps no prerequisites, no
repeats, no reasons of a pick, no rights and no calibration: the items' parameters are constants.

DATABASE_URL, JWT_SECRET: uvicorn --app-dir bench/peers practice:app --workers 2
"""

import os
import uuid
from datetime import datetime

import numpy as np
from fastapi import Depends, HTTPException
from pydantic import BaseModel, Field

from mastery import ADD, FIND, L0, PUT, SCHEMA, app, caller, learned, pool

PER_CONCEPT, RECENT = 12, 20
A, B, C, KEY = 1.2, np.linspace(-2, 2, PER_CONCEPT), 0.25, "A"  # of each concept's items
NODES = np.linspace(-4, 4, 61)
PRIOR = np.exp(-NODES**2 / 2)
CURVES = C + (1 - C) / (1 + np.exp(-A * (NODES[:, None] - B[None, :])))  # by node and item

TABLES = """
CREATE TABLE IF NOT EXISTS plain.sessions (
    id text PRIMARY KEY, student_id text, scope text[], wanted integer, answered integer, correct integer, open_item text
);
CREATE TABLE IF NOT EXISTS plain.responses (number bigserial PRIMARY KEY, student_id text, item_id text, correct boolean);
CREATE INDEX IF NOT EXISTS responses_student ON plain.responses (student_id, number);
"""


class Plan(BaseModel):
    scope_concept_ids: list[str] = Field(min_length=1, max_length=500)
    question_count: int = Field(ge=1, le=200)


class Response(BaseModel):
    item_id: str
    response: str | None
    latency_ms: int = Field(ge=0, le=3_600_000)
    timestamp: datetime


def ability(responses: list[tuple[str, bool]]) -> tuple[float, float]:
    first = dict(reversed(responses))  # an item's first response counts
    if not first:
        return 0.0, 1.0
    curves = CURVES[:, [int(item.rsplit("-", 1)[1]) for item in first]]
    weights = PRIOR * np.where(np.fromiter(first.values(), bool), curves, 1 - curves).prod(axis=1)
    weights /= weights.sum()
    theta = float(weights @ NODES)
    return theta, float(np.sqrt(weights @ (NODES - theta) ** 2))


async def pick(connection, student: str, scope: list[str]) -> tuple[str | None, float, float]:
    responses = await (await connection.execute("SELECT item_id, correct FROM plain.responses WHERE student_id = %s ORDER BY number", (student,))).fetchall()
    states = dict(await (await connection.execute("SELECT concept_id, p FROM plain.states WHERE student_id = %s AND concept_id = ANY(%s)", (student, scope))).fetchall())
    theta, deviation = ability(responses)
    p = C + (1 - C) / (1 + np.exp(-A * (theta - B)))
    best = np.argsort(-(A**2) * (1 - p) / p * ((p - C) / (1 - C)) ** 2)
    recent = {item for item, _ in responses[-RECENT:]}
    for concept in sorted(scope, key=lambda concept: states.get(concept, L0)):
        for place in best:
            if (item := f"{concept}-{place}") not in recent:
                return item, theta, deviation
    return None, theta, deviation


def question(item: str | None, theta: float, deviation: float) -> dict | None:
    return item and {"item_id": item, "concept_id": item.rsplit("-", 1)[0], "rationale": {"theta": theta, "theta_sd": deviation}}


@app.post("/api/adaptive/sessions", status_code=201)
async def open_session(plan: Plan, claims: dict = Depends(caller)) -> dict:
    session = str(uuid.uuid4())
    async with pool.connection() as connection, connection.transaction():
        item, theta, deviation = await pick(connection, claims["sub"], plan.scope_concept_ids)
        await connection.execute("INSERT INTO plain.sessions VALUES (%s, %s, %s, %s, 0, 0, %s)",
                                 (session, claims["sub"], plan.scope_concept_ids, plan.question_count, item))
    return {"data": {"session_id": session, "next_item": question(item, theta, deviation)}, "error": None}


@app.get("/api/adaptive/next-item/{session_id}")
async def next_item(session_id: str, claims: dict = Depends(caller)) -> dict:
    async with pool.connection() as connection:
        session = await (await connection.execute("SELECT open_item FROM plain.sessions WHERE id = %s AND student_id = %s", (session_id, claims["sub"]))).fetchone()
        if session is None:
            raise HTTPException(404, "No such session")
        if session[0] is None:
            raise HTTPException(409, "The session is over")
        responses = await (await connection.execute("SELECT item_id, correct FROM plain.responses WHERE student_id = %s ORDER BY number", (claims["sub"],))).fetchall()
    return {"data": question(session[0], *ability(responses)), "error": None}


@app.post("/api/adaptive/sessions/{session_id}/answers")
async def answer(session_id: str, given: Response, claims: dict = Depends(caller)) -> dict:
    student, correct = claims["sub"], given.response == KEY
    async with pool.connection() as connection, connection.transaction():
        session = await (await connection.execute(
            "SELECT scope, wanted, answered, open_item FROM plain.sessions WHERE id = %s AND student_id = %s FOR UPDATE", (session_id, student))).fetchone()
        if session is None:
            raise HTTPException(404, "No such session")
        scope, wanted, answered, open_item = session
        if given.item_id != open_item:
            raise HTTPException(409, "Not the open question, or the session is over")
        concept = open_item.rsplit("-", 1)[0]
        before, evidence = await (await connection.execute(FIND, (student, concept))).fetchone() or (L0, 0)
        after = learned(before, correct)
        await connection.execute(ADD, (student, concept, open_item, given.timestamp, correct, given.latency_ms, after))
        await connection.execute(PUT, (student, concept, after, evidence + 1))
        await connection.execute("INSERT INTO plain.responses (student_id, item_id, correct) VALUES (%s, %s, %s)", (student, open_item, correct))
        item, theta, deviation = await pick(connection, student, scope)
        if answered + 1 == wanted:
            item = None
        await connection.execute("UPDATE plain.sessions SET answered = answered + 1, correct = correct + %s, open_item = %s WHERE id = %s",
                                 (int(correct), item, session_id))
    return {"data": {"correct": correct, "correct_key": KEY, "mastery": {"concept_id": concept, "previous_p_mastered": before, "new_p_mastered": after},
                     "ability": {"theta": theta, "theta_sd": deviation}, "session": {"session_id": session_id, "answered": answered + 1},
                     "next_item": question(item, theta, deviation)}, "error": None}


if __name__ == "__main__":  # the tables, before the workers start
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute(SCHEMA + TABLES)
