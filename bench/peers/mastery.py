"""Mastery as people would write it: FastAPI, NumPy, psycopg, one answer a transaction. The benchmark measures it beside
Journey API. It keeps no order of late answers, no repeats under a key, no snapshots and no institutions.

practice.py has the tables made and adds its routes to the same app.
"""

import os
from contextlib import asynccontextmanager
from datetime import datetime

import jwt
import numpy as np
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel, Field

L0, LEARN, GUESS, SLIP, MASTERED = 0.1, 0.2, 0.25, 0.1, 0.95
LIKELIHOOD = {True: np.array([GUESS, 1 - SLIP]), False: np.array([1 - GUESS, SLIP])}  # without mastery, with it
LEARNING = np.array([[1 - LEARN, LEARN], [0.0, 1.0]])

SCHEMA = """
CREATE SCHEMA IF NOT EXISTS plain;
CREATE TABLE IF NOT EXISTS plain.attempts (
    student_id text, concept_id text, item_id text, answered_at timestamptz, correct boolean, latency_ms integer, p_after double precision,
    PRIMARY KEY (student_id, concept_id, item_id, answered_at, correct)
);
CREATE TABLE IF NOT EXISTS plain.states (
    student_id text, concept_id text, p double precision, evidence integer, updated_at timestamptz, PRIMARY KEY (student_id, concept_id)
);
"""
FIND = "SELECT p, evidence FROM plain.states WHERE student_id = %s AND concept_id = %s FOR UPDATE"
ADD = "INSERT INTO plain.attempts VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
PUT = """INSERT INTO plain.states VALUES (%s, %s, %s, %s, now()) ON CONFLICT (student_id, concept_id)
    DO UPDATE SET p = excluded.p, evidence = excluded.evidence, updated_at = excluded.updated_at"""

pool = AsyncConnectionPool(os.environ["DATABASE_URL"], min_size=4, max_size=16, open=False)


@asynccontextmanager
async def lifespan(_: FastAPI):
    await pool.open()
    yield
    await pool.close()


app = FastAPI(lifespan=lifespan)


class Answer(BaseModel):
    student_id: str = Field(pattern=r"^[A-Za-z0-9._:~-]{1,128}$")
    concept_id: str = Field(pattern=r"^[A-Za-z0-9._:~-]{1,128}$")
    item_id: str = Field(pattern=r"^[A-Za-z0-9._:~-]{1,128}$")
    correct: bool
    latency_ms: int = Field(ge=0, le=3_600_000)
    timestamp: datetime


def learned(before: float, correct: bool) -> float:
    posterior = np.array([1 - before, before]) * LIKELIHOOD[correct]
    return float((posterior / posterior.sum() @ LEARNING)[1])


def caller(credentials: HTTPAuthorizationCredentials = Depends(HTTPBearer())) -> dict:
    try:
        return jwt.decode(credentials.credentials, os.environ["JWT_SECRET"], algorithms=["HS256"], audience="authenticated")
    except jwt.InvalidTokenError as fault:
        raise HTTPException(401, "The token is not valid") from fault


@app.get("/health/ready")
async def ready() -> dict:
    return {"status": "ok"}


@app.post("/api/bkt/update")
async def update(answer: Answer, claims: dict = Depends(caller)) -> dict:
    if claims["app_metadata"]["role"] == "student" and claims["sub"] != answer.student_id:
        raise HTTPException(403, "Not your record")
    async with pool.connection() as connection, connection.transaction():
        found = await (await connection.execute(FIND, (answer.student_id, answer.concept_id))).fetchone()
        before, evidence = found or (L0, 0)
        after = learned(before, answer.correct)
        await connection.execute(ADD, (answer.student_id, answer.concept_id, answer.item_id, answer.timestamp, answer.correct, answer.latency_ms, after))
        await connection.execute(PUT, (answer.student_id, answer.concept_id, after, evidence + 1))
    return {"data": {"student_id": answer.student_id, "concept_id": answer.concept_id, "previous_p_mastered": before, "new_p_mastered": after,
                     "is_mastered": after >= MASTERED, "delta": after - before, "evidence_count": evidence + 1}, "error": None}
