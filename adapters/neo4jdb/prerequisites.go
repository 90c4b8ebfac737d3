package neo4jdb

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/ports"
)

var _ ports.Prerequisites = (*Prerequisites)(nil)

// GraphSchema is how prerequisites are stored in the graph: (:Label {Key})-[:Relationship]->(:Label {Key}), from the
// prerequisite to the concept that builds on it.
type GraphSchema struct{ Label, Key, Relationship string }

// PlatformSchema returns the platform's schema: (:SubConcept {code})-[:PREREQUISITE_OF]->(:SubConcept {code}).
func PlatformSchema() GraphSchema {
	return GraphSchema{Label: "SubConcept", Key: "code", Relationship: "PREREQUISITE_OF"}
}

// nameInGraph matches a label, a key or a type of relationships that needs no quotes in a query.
var nameInGraph = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)

// Prerequisites reads prerequisites from the graph.
type Prerequisites struct {
	client *Client
	query  string
}

// prerequisites goes up from the concepts level by level, so that its cost grows with the edges and not with the paths.
// It returns the edges that lead to a concept, to one of its prerequisites, or to one of theirs.
const prerequisites = `MATCH (concept:LABEL) WHERE concept.KEY IN $codes
OPTIONAL MATCH (direct:LABEL)-[:RELATIONSHIP]->(concept)
WITH collect(DISTINCT concept) AS concepts, collect(DISTINCT direct) AS directs
UNWIND CASE directs WHEN [] THEN [null] ELSE directs END AS direct
OPTIONAL MATCH (second:LABEL)-[:RELATIONSHIP]->(direct)
WITH concepts, directs, collect(DISTINCT second) AS seconds
UNWIND concepts + directs + seconds AS builds
WITH DISTINCT builds
MATCH (needed:LABEL)-[:RELATIONSHIP]->(builds)
RETURN DISTINCT needed.KEY AS needed, builds.KEY AS builds`

// NewPrerequisites returns a reader of prerequisites in a schema. It fails for names that need quotes.
func NewPrerequisites(client *Client, drawing GraphSchema) (*Prerequisites, error) {
	for _, name := range []string{drawing.Label, drawing.Key, drawing.Relationship} {
		if !nameInGraph.MatchString(name) {
			return nil, fmt.Errorf("%q is no name in a graph that needs no quotes", name)
		}
	}
	names := strings.NewReplacer("LABEL", drawing.Label, "KEY", drawing.Key, "RELATIONSHIP", drawing.Relationship)
	return &Prerequisites{client: client, query: names.Replace(prerequisites)}, nil
}

// Prerequisites returns the edges that lead to the concepts. Its errors are those of Client.Read.
func (p *Prerequisites) Prerequisites(ctx context.Context, concepts []string) (edges []adaptive.Edge, err error) {
	codes := make([]any, len(concepts))
	for i, concept := range concepts {
		codes[i] = concept
	}
	err = p.client.Read(ctx, func(ctx context.Context, tx neo4j.ManagedTransaction) error {
		edges = nil // it may run more than once
		result, err := tx.Run(ctx, p.query, map[string]any{"codes": codes})
		if err != nil {
			return err
		}
		for result.Next(ctx) {
			needed, builds := textIn(result.Record(), "needed"), textIn(result.Record(), "builds")
			if needed != "" && builds != "" { // a node without a key is no concept of the platform
				edges = append(edges, adaptive.Edge{Prerequisite: needed, Concept: builds})
			}
		}
		return result.Err()
	})
	return edges, err
}

// textIn returns a string of a record, "" if the value is none.
func textIn(record *neo4j.Record, key string) string {
	value, _ := record.Get(key)
	text, _ := value.(string)
	return text
}
