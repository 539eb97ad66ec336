#include "results/encoding.hpp"
#include "results/intern.hpp"
#include "results/store_state.hpp"

namespace kbench {

Result<void> Store::record_prompt(const StoredProposal& proposal) {
  return change(*state_, [&]() -> Result<void> {
    auto prompt = text_id(state_->database, proposal.prompt);
    if (!prompt) return tl::unexpected(prompt.error());
    Query query(
        state_->database,
        "INSERT INTO proposals (campaign, number, step, model, parent, prompt, told, share, "
        "other_parent, about) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) "
        "ON CONFLICT (campaign, number) DO NOTHING");
    auto known = [](int64_t id) { return id == 0 ? std::nullopt : std::optional(id); };
    return query
        .bind(proposal.campaign, proposal.number, proposal.step, proposal.model,
              known(proposal.parent), *prompt, proposal.told, proposal.share,
              known(proposal.other_parent), proposal.about)
        .run();
  });
}

Result<void> Store::record_reply(const StoredProposal& proposal) {
  return change(*state_, [&]() -> Result<void> {
    Database& database = state_->database;
    int64_t ids[3] = {};
    const std::string* texts[] = {&proposal.request, &proposal.response, &proposal.reply};
    for (size_t i = 0; i < std::size(texts); ++i) {
      auto id = text_id(database, *texts[i]);
      if (!id) return tl::unexpected(id.error());
      ids[i] = *id;
    }
    Query query(database, R"sql(
      UPDATE proposals SET request = ?3, response = ?4, reply = ?5, outcome = ?6, message = ?7,
        attempts = ?8, delivered = ?9, input_tokens = ?10, output_tokens = ?11, nano_usd = ?12,
        milliseconds = ?13
      WHERE campaign = ?1 AND number = ?2)sql");
    return query
        .bind(proposal.campaign, proposal.number, ids[0], ids[1], ids[2], proposal.outcome,
              proposal.message, proposal.attempts, proposal.delivered ? 1 : 0,
              proposal.input_tokens, proposal.output_tokens, proposal.nano_usd,
              proposal.milliseconds)
        .run();
  });
}

Result<void> Store::record_outcome(const StoredProposal& proposal) {
  Query query(state_->database,
              "UPDATE proposals SET outcome = ?3, message = ?4, kernel = ?5 "
              "WHERE campaign = ?1 AND number = ?2");
  return query
      .bind(proposal.campaign, proposal.number, proposal.outcome, proposal.message,
            HexHash{proposal.kernel_hash})
      .run();
}

Result<std::vector<StoredProposal>> Store::proposals(int64_t campaign) const {
  Query query(state_->database, R"sql(
    SELECT p.number, p.step, p.model, p.parent, t.zstd, q.zstd, r.zstd, y.zstd, p.outcome,
      p.message, p.kernel, p.attempts, p.delivered, p.nano_usd, p.milliseconds,
      p.other_parent, p.about, p.share, p.told IS NOT NULL, p.told,
      p.input_tokens IS NOT NULL, p.input_tokens, p.output_tokens
    FROM proposals p
      JOIN texts t ON t.id = p.prompt
      LEFT JOIN texts q ON q.id = p.request
      LEFT JOIN texts r ON r.id = p.response
      LEFT JOIN texts y ON y.id = p.reply
    WHERE p.campaign = ?1 ORDER BY p.number)sql");
  query.bind(campaign);
  std::vector<StoredProposal> proposals;
  for (;;) {
    const auto row = query.step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return proposals;
    StoredProposal& proposal = proposals.emplace_back();
    proposal.campaign = campaign;
    proposal.number = query.integer();
    proposal.step = query.text();
    proposal.model = query.text();
    proposal.parent = query.integer();
    for (std::string* text :
         {&proposal.prompt, &proposal.request, &proposal.response, &proposal.reply}) {
      const std::string_view frame = query.bytes();
      if (frame.empty()) continue;
      auto plain = decompress(frame);
      if (!plain) return tl::unexpected(plain.error());
      *text = std::move(*plain);
    }
    proposal.outcome = query.text();
    proposal.answered = !proposal.outcome.empty();
    proposal.message = query.text();
    proposal.kernel_hash = query.hash();
    proposal.attempts = static_cast<int>(query.integer());
    proposal.delivered = query.integer() != 0;
    proposal.nano_usd = query.integer();
    proposal.milliseconds = query.real();
    proposal.other_parent = query.integer();
    proposal.about = query.text();
    proposal.share = query.integer();
    const bool paced = query.integer() != 0;
    const int64_t told = query.integer();
    if (paced) proposal.told = told;
    if (query.integer() != 0) {
      proposal.input_tokens = query.integer();
      proposal.output_tokens = query.integer();
    }
  }
}

}  // namespace kbench
