// Package standin holds small servers for tests that need no real one: as much of a Neo4j and of a Supabase project as
// their clients ask for, on loopback, with what they were asked kept for the test to look at.
package standin
