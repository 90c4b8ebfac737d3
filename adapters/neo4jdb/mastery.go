package neo4jdb

import (
	"context"
	"errors"
	"fmt"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/ports"
)

var _ ports.Graph = (*Client)(nil)

// The graph of students' mastery has the platform's schema:
//
//	(:Student {supabase_auth_id})-[:HAS_MASTERY {p_mastered}]->(:ConceptMastery {id, concept_id, p_mastered, …})
//
// The id of a state is the student's id, a slash and the concept's id; neither id has a slash.

// constraints make MERGE find existing nodes under concurrent writes.
var constraints = []string{
	"CREATE CONSTRAINT student_supabase_auth_id IF NOT EXISTS FOR (s:Student) REQUIRE s.supabase_auth_id IS UNIQUE",
	"CREATE CONSTRAINT concept_mastery_id IF NOT EXISTS FOR (cm:ConceptMastery) REQUIRE cm.id IS UNIQUE",
}

const (
	// knownConcepts returns those of the given concepts that the platform's graph has.
	knownConcepts = "UNWIND $codes AS code OPTIONAL MATCH (sc:SubConcept {code: code}) WITH code, count(sc) AS nodes WHERE nodes > 0 RETURN code"
	// putStates never replaces a newer version by an older one.
	putStates = `UNWIND $rows AS row
		MERGE (s:Student {supabase_auth_id: row.student_id})
		MERGE (cm:ConceptMastery {id: row.id})
		MERGE (s)-[h:HAS_MASTERY]->(cm)
		WITH row, cm, h WHERE coalesce(cm.version, 0) < row.version
		SET cm.concept_id = row.concept_id, cm.p_mastered = row.p_mastered, cm.trend = row.trend,
			cm.evidence_count = row.evidence_count, cm.last_updated = row.last_updated, cm.version = row.version,
			h.p_mastered = row.p_mastered`
	removeStudents = `UNWIND $ids AS id
		MATCH (s:Student {supabase_auth_id: id})
		OPTIONAL MATCH (s)-[:HAS_MASTERY]->(cm:ConceptMastery)
		DETACH DELETE cm, s`
)

// PrepareMastery creates the constraints for the graph of students' mastery. Its errors are those of Read.
func (c *Client) PrepareMastery(ctx context.Context) error {
	for _, one := range constraints {
		err := c.Write(ctx, func(ctx context.Context, tx neo4j.ManagedTransaction) error {
			return exec(ctx, tx, one, nil)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// PutStates writes states. If a batch is refused as a whole, each state is tried by itself.
func (c *Client) PutStates(ctx context.Context, states []mastery.GraphState) (map[int]string, error) {
	refused, err := c.putStates(ctx, states)
	if err == nil || isOutage(err) || ctx.Err() != nil {
		return refused, err
	}
	refused = map[int]string{}
	for i, state := range states {
		alone, err := c.putStates(ctx, []mastery.GraphState{state})
		switch {
		case err == nil && len(alone) > 0:
			refused[i] = alone[0]
		case err == nil:
		case isOutage(err) || ctx.Err() != nil:
			return nil, err
		default:
			refused[i] = causeOf(err)
		}
	}
	return refused, nil
}

func (c *Client) putStates(ctx context.Context, states []mastery.GraphState) (refused map[int]string, err error) {
	err = c.Write(ctx, func(ctx context.Context, tx neo4j.ManagedTransaction) error {
		known, err := findConcepts(ctx, tx, states)
		if err != nil {
			return err
		}
		refused = map[int]string{}
		rows := make([]any, 0, len(states))
		for i, one := range states {
			if !known[one.ConceptID] {
				refused[i] = "the graph has no SubConcept " + one.ConceptID
				continue
			}
			rows = append(rows, map[string]any{
				"id": one.StudentID + "/" + one.ConceptID, "student_id": one.StudentID, "concept_id": one.ConceptID,
				"p_mastered": one.Mastery, "trend": string(one.Trend), "evidence_count": int64(one.Evidence),
				"last_updated": one.UpdatedAt.UTC(), "version": one.Version,
			})
		}
		if len(rows) == 0 {
			return nil
		}
		return exec(ctx, tx, putStates, map[string]any{"rows": rows})
	})
	if err != nil {
		return nil, err
	}
	return refused, nil
}

// findConcepts returns the concepts of the states that the graph has.
func findConcepts(ctx context.Context, tx neo4j.ManagedTransaction, states []mastery.GraphState) (map[string]bool, error) {
	wanted := map[string]bool{}
	var codes []any
	for _, one := range states {
		if !wanted[one.ConceptID] {
			wanted[one.ConceptID] = true
			codes = append(codes, one.ConceptID)
		}
	}
	result, err := tx.Run(ctx, knownConcepts, map[string]any{"codes": codes})
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for result.Next(ctx) {
		if code, ok := result.Record().Values[0].(string); ok {
			known[code] = true
		}
	}
	return known, result.Err()
}

// RemoveStudents removes students with their states.
func (c *Client) RemoveStudents(ctx context.Context, studentIDs []string) error {
	return c.Write(ctx, func(ctx context.Context, tx neo4j.ManagedTransaction) error {
		ids := make([]any, len(studentIDs))
		for i, id := range studentIDs {
			ids[i] = id
		}
		return exec(ctx, tx, removeStudents, map[string]any{"ids": ids})
	})
}

// exec runs a query and discards its rows.
func exec(ctx context.Context, tx neo4j.ManagedTransaction, cypher string, params map[string]any) error {
	result, err := tx.Run(ctx, cypher, params)
	if err != nil {
		return err
	}
	_, err = result.Consume(ctx)
	return err
}

func isOutage(err error) bool { return core.CodeOf(err) == core.CodeUnavailable }

// causeOf returns why the graph refuses a state, without values that the server quotes.
func causeOf(err error) string {
	if server, ok := errors.AsType[*neo4j.Neo4jError](makeUnwrappable(err)); ok {
		return "the graph refuses it: " + server.Code
	}
	if known, ok := errors.AsType[*core.Error](err); ok && known.Unwrap() != nil {
		return fmt.Sprintf("the graph refuses it: %v", known.Unwrap())
	}
	return "the graph refuses it"
}
