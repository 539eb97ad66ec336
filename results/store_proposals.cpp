#include <fmt/format.h>

#include "results/encoding.hpp"
#include "results/intern.hpp"
#include "results/store_state.hpp"

namespace kbench {

namespace {

// Of a call, in the order in which read_call takes it.
constexpr std::string_view kCall = R"sql(
  SELECT p.number, p.model, t.zstd, q.zstd, r.zstd, y.zstd, p.outcome, p.message, p.attempts,
    p.delivered, p.nano_usd, p.milliseconds, p.input_tokens IS NOT NULL, p.input_tokens,
    p.output_tokens)sql";
constexpr std::string_view kTexts = R"sql(
    JOIN texts t ON t.id = p.prompt
    LEFT JOIN texts q ON q.id = p.request
    LEFT JOIN texts r ON r.id = p.response
    LEFT JOIN texts y ON y.id = p.reply
  WHERE p.campaign = ?1 ORDER BY p.number)sql";

Result<void> read_call(Query& row, StoredCall& call) {
  call.number = row.integer();
  call.model = row.text();
  for (std::string* text : {&call.prompt, &call.request, &call.response, &call.reply}) {
    const std::string_view frame = row.bytes();
    if (frame.empty()) continue;
    auto plain = decompress(frame);
    if (!plain) return tl::unexpected(plain.error());
    *text = std::move(*plain);
  }
  call.outcome = row.text();
  call.answered = !call.outcome.empty();
  call.message = row.text();
  call.attempts = static_cast<int>(row.integer());
  call.delivered = row.integer() != 0;
  call.nano_usd = row.integer();
  call.milliseconds = row.real();
  const bool counted = row.integer() != 0;
  const int64_t input = row.integer(), output = row.integer();
  if (counted) {
    call.input_tokens = input;
    call.output_tokens = output;
  }
  return {};
}

// `rest` reads what the row has besides.
template <class Call, class Rest>
Result<std::vector<Call>> read_calls(Database& database, int64_t campaign, std::string_view columns,
                                     std::string_view table, Rest rest) {
  Query query(database, fmt::format("{}{} FROM {} p {}", kCall, columns, table, kTexts));
  query.bind(campaign);
  std::vector<Call> calls;
  for (;;) {
    const auto row = query.step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return calls;
    Call& call = calls.emplace_back();
    call.campaign = campaign;
    if (auto read = read_call(query, call); !read) return tl::unexpected(read.error());
    rest(query, call);
  }
}

Result<void> write_reply(Database& database, const StoredCall& call, std::string_view table) {
  int64_t ids[3] = {};
  const std::string* texts[] = {&call.request, &call.response, &call.reply};
  for (size_t i = 0; i < std::size(texts); ++i) {
    auto id = text_id(database, *texts[i]);
    if (!id) return tl::unexpected(id.error());
    ids[i] = *id;
  }
  Query query(database, fmt::format(R"sql(
    UPDATE {} SET request = ?3, response = ?4, reply = ?5, outcome = ?6, message = ?7,
      attempts = ?8, delivered = ?9, input_tokens = ?10, output_tokens = ?11, nano_usd = ?12,
      milliseconds = ?13
    WHERE campaign = ?1 AND number = ?2)sql",
                                    table));
  return query
      .bind(call.campaign, call.number, ids[0], ids[1], ids[2], call.outcome, call.message,
            call.attempts, call.delivered ? 1 : 0, call.input_tokens, call.output_tokens,
            call.nano_usd, call.milliseconds)
      .run();
}

}  // namespace

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

Result<void> Store::record_prompt(const StoredPrecheck& precheck) {
  return change(*state_, [&]() -> Result<void> {
    auto prompt = text_id(state_->database, precheck.prompt);
    if (!prompt) return tl::unexpected(prompt.error());
    Query query(state_->database,
                "INSERT INTO prechecks (campaign, number, model, prompt) VALUES (?1, ?2, ?3, ?4) "
                "ON CONFLICT (campaign, number) DO NOTHING");
    return query.bind(precheck.campaign, precheck.number, precheck.model, *prompt).run();
  });
}

Result<void> Store::record_reply(const StoredProposal& proposal) {
  return change(*state_, [&] { return write_reply(state_->database, proposal, "proposals"); });
}

Result<void> Store::record_reply(const StoredPrecheck& precheck) {
  return change(*state_, [&]() -> Result<void> {
    auto written = write_reply(state_->database, precheck, "prechecks");
    if (!written || !precheck.foretold) return written;
    Query query(state_->database,
                "UPDATE prechecks SET compiles = ?3, is_right = ?4, cheats = ?5 "
                "WHERE campaign = ?1 AND number = ?2");
    const Foretold& foretold = *precheck.foretold;
    return query
        .bind(precheck.campaign, precheck.number, foretold.compiles ? 1 : 0, foretold.right ? 1 : 0,
              foretold.cheats ? 1 : 0)
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
  constexpr std::string_view kColumns =
      ", p.step, p.parent, p.kernel, p.other_parent, p.about, p.share, p.told IS NOT NULL, p.told";
  return read_calls<StoredProposal>(state_->database, campaign, kColumns, "proposals",
                                    [](Query& row, StoredProposal& proposal) {
                                      proposal.step = row.text();
                                      proposal.parent = row.integer();
                                      proposal.kernel_hash = row.hash();
                                      proposal.other_parent = row.integer();
                                      proposal.about = row.text();
                                      proposal.share = row.integer();
                                      const bool paced = row.integer() != 0;
                                      const int64_t told = row.integer();
                                      if (paced) proposal.told = told;
                                    });
}

Result<std::vector<StoredPrecheck>> Store::prechecks(int64_t campaign) const {
  constexpr std::string_view kColumns =
      ", p.compiles IS NOT NULL, p.compiles, p.is_right, p.cheats";
  return read_calls<StoredPrecheck>(state_->database, campaign, kColumns, "prechecks",
                                    [](Query& row, StoredPrecheck& precheck) {
                                      if (row.integer() == 0) return;
                                      Foretold& foretold = precheck.foretold.emplace();
                                      foretold.compiles = row.integer() != 0;
                                      foretold.right = row.integer() != 0;
                                      foretold.cheats = row.integer() != 0;
                                    });
}

}  // namespace kbench
