(000) ld       #0x0
(001) ld       #0xc
(002) ld       #0x800
(003) ld       #0xfffffffc
(004) ld       #0xfffff030
(005) ldx      #0x0
(006) ldx      #0xc
(007) ldx      #0x800
(008) ldx      #0xfffffffc
(009) ldx      #0xfffff030
(010) st       M[0]
(011) st       M[12]
(012) st       M[2048]
(013) st       M[-4]
(014) st       M[-4048]
(015) stx      M[0]
(016) stx      M[12]
(017) stx      M[2048]
(018) stx      M[-4]
(019) stx      M[-4048]
(020) add      #0
(021) add      #12
(022) add      #2048
(023) add      #-4
(024) add      #-4048
(025) ja       26
(026) ja       39
(027) ja       2076
(028) ja       25
(029) ja       -4018
(030) ret      #0
(031) ret      #12
(032) ret      #2048
(033) ret      #-4
(034) ret      #-4048
(035) tax      
(036) tax      
(037) tax      
(038) tax      
(039) tax      
(040) unimp    0x8
(041) unimp    0x8
(042) unimp    0x8
(043) unimp    0x8
(044) unimp    0x8
(045) unimp    0x9
(046) unimp    0x9
(047) unimp    0x9
(048) unimp    0x9
(049) unimp    0x9
(050) unimp    0xa
(051) unimp    0xa
(052) unimp    0xa
(053) unimp    0xa
(054) unimp    0xa
(055) unimp    0xb
(056) unimp    0xb
(057) unimp    0xb
(058) unimp    0xb
(059) unimp    0xb
(060) add      x
(061) add      x
(062) add      x
(063) add      x
(064) add      x
(065) unimp    0xd
(066) unimp    0xd
(067) unimp    0xd
(068) unimp    0xd
(069) unimp    0xd
(070) unimp    0xe
(071) unimp    0xe
(072) unimp    0xe
(073) unimp    0xe
(074) unimp    0xe
(075) unimp    0xf
(076) unimp    0xf
(077) unimp    0xf
(078) unimp    0xf
(079) unimp    0xf
(080) unimp    0x10
(081) unimp    0x10
(082) unimp    0x10
(083) unimp    0x10
(084) unimp    0x10
(085) unimp    0x11
(086) unimp    0x11
(087) unimp    0x11
(088) unimp    0x11
(089) unimp    0x11
(090) unimp    0x12
(091) unimp    0x12
(092) unimp    0x12
(093) unimp    0x12
(094) unimp    0x12
(095) unimp    0x13
(096) unimp    0x13
(097) unimp    0x13
(098) unimp    0x13
(099) unimp    0x13
(100) sub      #0
(101) sub      #12
(102) sub      #2048
(103) sub      #-4
(104) sub      #-4048
(105) jeq      #0x0             jt 106	jf 106
(106) jeq      #0xc             jt 107	jf 107
(107) jeq      #0x800           jt 111	jf 109
(108) jeq      #0xfffffffc      jt 364	jf 109
(109) jeq      #0xfffff030      jt 110	jf 117
(110) ret      
(111) ret      
(112) ret      
(113) ret      
(114) ret      
(115) unimp    0x17
(116) unimp    0x17
(117) unimp    0x17
(118) unimp    0x17
(119) unimp    0x17
(120) unimp    0x18
(121) unimp    0x18
(122) unimp    0x18
(123) unimp    0x18
(124) unimp    0x18
(125) unimp    0x19
(126) unimp    0x19
(127) unimp    0x19
(128) unimp    0x19
(129) unimp    0x19
(130) unimp    0x1a
(131) unimp    0x1a
(132) unimp    0x1a
(133) unimp    0x1a
(134) unimp    0x1a
(135) unimp    0x1b
(136) unimp    0x1b
(137) unimp    0x1b
(138) unimp    0x1b
(139) unimp    0x1b
(140) sub      x
(141) sub      x
(142) sub      x
(143) sub      x
(144) sub      x
(145) jeq      x                jt 146	jf 146
(146) jeq      x                jt 147	jf 147
(147) jeq      x                jt 151	jf 149
(148) jeq      x                jt 404	jf 149
(149) jeq      x                jt 150	jf 157
(150) unimp    0x1e
(151) unimp    0x1e
(152) unimp    0x1e
(153) unimp    0x1e
(154) unimp    0x1e
(155) unimp    0x1f
(156) unimp    0x1f
(157) unimp    0x1f
(158) unimp    0x1f
(159) unimp    0x1f
(160) ld       [0]
(161) ld       [12]
(162) ld       [2048]
(163) ld       [-4]
(164) ld       [vlanp]
(165) unimp    0x21
(166) unimp    0x21
(167) unimp    0x21
(168) unimp    0x21
(169) unimp    0x21
(170) unimp    0x22
(171) unimp    0x22
(172) unimp    0x22
(173) unimp    0x22
(174) unimp    0x22
(175) unimp    0x23
(176) unimp    0x23
(177) unimp    0x23
(178) unimp    0x23
(179) unimp    0x23
(180) mul      #0
(181) mul      #12
(182) mul      #2048
(183) mul      #-4
(184) mul      #-4048
(185) jgt      #0x0             jt 186	jf 186
(186) jgt      #0xc             jt 187	jf 187
(187) jgt      #0x800           jt 191	jf 189
(188) jgt      #0xfffffffc      jt 444	jf 189
(189) jgt      #0xfffff030      jt 190	jf 197
(190) unimp    0x26
(191) unimp    0x26
(192) unimp    0x26
(193) unimp    0x26
(194) unimp    0x26
(195) unimp    0x27
(196) unimp    0x27
(197) unimp    0x27
(198) unimp    0x27
(199) unimp    0x27
(200) ldh      [0]
(201) ldh      [12]
(202) ldh      [2048]
(203) ldh      [-4]
(204) ldh      [vlanp]
(205) unimp    0x29
(206) unimp    0x29
(207) unimp    0x29
(208) unimp    0x29
(209) unimp    0x29
(210) unimp    0x2a
(211) unimp    0x2a
(212) unimp    0x2a
(213) unimp    0x2a
(214) unimp    0x2a
(215) unimp    0x2b
(216) unimp    0x2b
(217) unimp    0x2b
(218) unimp    0x2b
(219) unimp    0x2b
(220) mul      x
(221) mul      x
(222) mul      x
(223) mul      x
(224) mul      x
(225) jgt      x                jt 226	jf 226
(226) jgt      x                jt 227	jf 227
(227) jgt      x                jt 231	jf 229
(228) jgt      x                jt 484	jf 229
(229) jgt      x                jt 230	jf 237
(230) unimp    0x2e
(231) unimp    0x2e
(232) unimp    0x2e
(233) unimp    0x2e
(234) unimp    0x2e
(235) unimp    0x2f
(236) unimp    0x2f
(237) unimp    0x2f
(238) unimp    0x2f
(239) unimp    0x2f
(240) ldb      [0]
(241) ldb      [12]
(242) ldb      [2048]
(243) ldb      [-4]
(244) ldb      [vlanp]
(245) unimp    0x31
(246) unimp    0x31
(247) unimp    0x31
(248) unimp    0x31
(249) unimp    0x31
(250) unimp    0x32
(251) unimp    0x32
(252) unimp    0x32
(253) unimp    0x32
(254) unimp    0x32
(255) unimp    0x33
(256) unimp    0x33
(257) unimp    0x33
(258) unimp    0x33
(259) unimp    0x33
(260) div      #0
(261) div      #12
(262) div      #2048
(263) div      #-4
(264) div      #-4048
(265) jge      #0x0             jt 266	jf 266
(266) jge      #0xc             jt 267	jf 267
(267) jge      #0x800           jt 271	jf 269
(268) jge      #0xfffffffc      jt 524	jf 269
(269) jge      #0xfffff030      jt 270	jf 277
(270) unimp    0x36
(271) unimp    0x36
(272) unimp    0x36
(273) unimp    0x36
(274) unimp    0x36
(275) unimp    0x37
(276) unimp    0x37
(277) unimp    0x37
(278) unimp    0x37
(279) unimp    0x37
(280) unimp    0x38
(281) unimp    0x38
(282) unimp    0x38
(283) unimp    0x38
(284) unimp    0x38
(285) unimp    0x39
(286) unimp    0x39
(287) unimp    0x39
(288) unimp    0x39
(289) unimp    0x39
(290) unimp    0x3a
(291) unimp    0x3a
(292) unimp    0x3a
(293) unimp    0x3a
(294) unimp    0x3a
(295) unimp    0x3b
(296) unimp    0x3b
(297) unimp    0x3b
(298) unimp    0x3b
(299) unimp    0x3b
(300) div      x
(301) div      x
(302) div      x
(303) div      x
(304) div      x
(305) jge      x                jt 306	jf 306
(306) jge      x                jt 307	jf 307
(307) jge      x                jt 311	jf 309
(308) jge      x                jt 564	jf 309
(309) jge      x                jt 310	jf 317
(310) unimp    0x3e
(311) unimp    0x3e
(312) unimp    0x3e
(313) unimp    0x3e
(314) unimp    0x3e
(315) unimp    0x3f
(316) unimp    0x3f
(317) unimp    0x3f
(318) unimp    0x3f
(319) unimp    0x3f
(320) ld       [x + 0]
(321) ld       [x + 12]
(322) ld       [x + 2048]
(323) ld       [x + -4]
(324) ld       [x + -4048]
(325) unimp    0x41
(326) unimp    0x41
(327) unimp    0x41
(328) unimp    0x41
(329) unimp    0x41
(330) unimp    0x42
(331) unimp    0x42
(332) unimp    0x42
(333) unimp    0x42
(334) unimp    0x42
(335) unimp    0x43
(336) unimp    0x43
(337) unimp    0x43
(338) unimp    0x43
(339) unimp    0x43
(340) or       #0x0
(341) or       #0xc
(342) or       #0x800
(343) or       #0xfffffffc
(344) or       #0xfffff030
(345) jset     #0x0             jt 346	jf 346
(346) jset     #0xc             jt 347	jf 347
(347) jset     #0x800           jt 351	jf 349
(348) jset     #0xfffffffc      jt 604	jf 349
(349) jset     #0xfffff030      jt 350	jf 357
(350) unimp    0x46
(351) unimp    0x46
(352) unimp    0x46
(353) unimp    0x46
(354) unimp    0x46
(355) unimp    0x47
(356) unimp    0x47
(357) unimp    0x47
(358) unimp    0x47
(359) unimp    0x47
(360) ldh      [x + 0]
(361) ldh      [x + 12]
(362) ldh      [x + 2048]
(363) ldh      [x + -4]
(364) ldh      [x + -4048]
(365) unimp    0x49
(366) unimp    0x49
(367) unimp    0x49
(368) unimp    0x49
(369) unimp    0x49
(370) unimp    0x4a
(371) unimp    0x4a
(372) unimp    0x4a
(373) unimp    0x4a
(374) unimp    0x4a
(375) unimp    0x4b
(376) unimp    0x4b
(377) unimp    0x4b
(378) unimp    0x4b
(379) unimp    0x4b
(380) or       x
(381) or       x
(382) or       x
(383) or       x
(384) or       x
(385) jset     x                jt 386	jf 386
(386) jset     x                jt 387	jf 387
(387) jset     x                jt 391	jf 389
(388) jset     x                jt 644	jf 389
(389) jset     x                jt 390	jf 397
(390) unimp    0x4e
(391) unimp    0x4e
(392) unimp    0x4e
(393) unimp    0x4e
(394) unimp    0x4e
(395) unimp    0x4f
(396) unimp    0x4f
(397) unimp    0x4f
(398) unimp    0x4f
(399) unimp    0x4f
(400) ldb      [x + 0]
(401) ldb      [x + 12]
(402) ldb      [x + 2048]
(403) ldb      [x + -4]
(404) ldb      [x + -4048]
(405) unimp    0x51
(406) unimp    0x51
(407) unimp    0x51
(408) unimp    0x51
(409) unimp    0x51
(410) unimp    0x52
(411) unimp    0x52
(412) unimp    0x52
(413) unimp    0x52
(414) unimp    0x52
(415) unimp    0x53
(416) unimp    0x53
(417) unimp    0x53
(418) unimp    0x53
(419) unimp    0x53
(420) and      #0x0
(421) and      #0xc
(422) and      #0x800
(423) and      #0xfffffffc
(424) and      #0xfffff030
(425) unimp    0x55             jt 426	jf 426
(426) unimp    0x55             jt 427	jf 427
(427) unimp    0x55             jt 431	jf 429
(428) unimp    0x55             jt 684	jf 429
(429) unimp    0x55             jt 430	jf 437
(430) unimp    0x56
(431) unimp    0x56
(432) unimp    0x56
(433) unimp    0x56
(434) unimp    0x56
(435) unimp    0x57
(436) unimp    0x57
(437) unimp    0x57
(438) unimp    0x57
(439) unimp    0x57
(440) unimp    0x58
(441) unimp    0x58
(442) unimp    0x58
(443) unimp    0x58
(444) unimp    0x58
(445) unimp    0x59
(446) unimp    0x59
(447) unimp    0x59
(448) unimp    0x59
(449) unimp    0x59
(450) unimp    0x5a
(451) unimp    0x5a
(452) unimp    0x5a
(453) unimp    0x5a
(454) unimp    0x5a
(455) unimp    0x5b
(456) unimp    0x5b
(457) unimp    0x5b
(458) unimp    0x5b
(459) unimp    0x5b
(460) and      x
(461) and      x
(462) and      x
(463) and      x
(464) and      x
(465) unimp    0x5d             jt 466	jf 466
(466) unimp    0x5d             jt 467	jf 467
(467) unimp    0x5d             jt 471	jf 469
(468) unimp    0x5d             jt 724	jf 469
(469) unimp    0x5d             jt 470	jf 477
(470) unimp    0x5e
(471) unimp    0x5e
(472) unimp    0x5e
(473) unimp    0x5e
(474) unimp    0x5e
(475) unimp    0x5f
(476) unimp    0x5f
(477) unimp    0x5f
(478) unimp    0x5f
(479) unimp    0x5f
(480) ld       M[0]
(481) ld       M[12]
(482) ld       M[2048]
(483) ld       M[-4]
(484) ld       M[-4048]
(485) ldx      M[0]
(486) ldx      M[12]
(487) ldx      M[2048]
(488) ldx      M[-4]
(489) ldx      M[-4048]
(490) unimp    0x62
(491) unimp    0x62
(492) unimp    0x62
(493) unimp    0x62
(494) unimp    0x62
(495) unimp    0x63
(496) unimp    0x63
(497) unimp    0x63
(498) unimp    0x63
(499) unimp    0x63
(500) lsh      #0
(501) lsh      #12
(502) lsh      #2048
(503) lsh      #-4
(504) lsh      #-4048
(505) unimp    0x65             jt 506	jf 506
(506) unimp    0x65             jt 507	jf 507
(507) unimp    0x65             jt 511	jf 509
(508) unimp    0x65             jt 764	jf 509
(509) unimp    0x65             jt 510	jf 517
(510) unimp    0x66
(511) unimp    0x66
(512) unimp    0x66
(513) unimp    0x66
(514) unimp    0x66
(515) unimp    0x67
(516) unimp    0x67
(517) unimp    0x67
(518) unimp    0x67
(519) unimp    0x67
(520) unimp    0x68
(521) unimp    0x68
(522) unimp    0x68
(523) unimp    0x68
(524) unimp    0x68
(525) unimp    0x69
(526) unimp    0x69
(527) unimp    0x69
(528) unimp    0x69
(529) unimp    0x69
(530) unimp    0x6a
(531) unimp    0x6a
(532) unimp    0x6a
(533) unimp    0x6a
(534) unimp    0x6a
(535) unimp    0x6b
(536) unimp    0x6b
(537) unimp    0x6b
(538) unimp    0x6b
(539) unimp    0x6b
(540) lsh      x
(541) lsh      x
(542) lsh      x
(543) lsh      x
(544) lsh      x
(545) unimp    0x6d             jt 546	jf 546
(546) unimp    0x6d             jt 547	jf 547
(547) unimp    0x6d             jt 551	jf 549
(548) unimp    0x6d             jt 804	jf 549
(549) unimp    0x6d             jt 550	jf 557
(550) unimp    0x6e
(551) unimp    0x6e
(552) unimp    0x6e
(553) unimp    0x6e
(554) unimp    0x6e
(555) unimp    0x6f
(556) unimp    0x6f
(557) unimp    0x6f
(558) unimp    0x6f
(559) unimp    0x6f
(560) unimp    0x70
(561) unimp    0x70
(562) unimp    0x70
(563) unimp    0x70
(564) unimp    0x70
(565) unimp    0x71
(566) unimp    0x71
(567) unimp    0x71
(568) unimp    0x71
(569) unimp    0x71
(570) unimp    0x72
(571) unimp    0x72
(572) unimp    0x72
(573) unimp    0x72
(574) unimp    0x72
(575) unimp    0x73
(576) unimp    0x73
(577) unimp    0x73
(578) unimp    0x73
(579) unimp    0x73
(580) rsh      #0
(581) rsh      #12
(582) rsh      #2048
(583) rsh      #-4
(584) rsh      #-4048
(585) unimp    0x75             jt 586	jf 586
(586) unimp    0x75             jt 587	jf 587
(587) unimp    0x75             jt 591	jf 589
(588) unimp    0x75             jt 844	jf 589
(589) unimp    0x75             jt 590	jf 597
(590) unimp    0x76
(591) unimp    0x76
(592) unimp    0x76
(593) unimp    0x76
(594) unimp    0x76
(595) unimp    0x77
(596) unimp    0x77
(597) unimp    0x77
(598) unimp    0x77
(599) unimp    0x77
(600) unimp    0x78
(601) unimp    0x78
(602) unimp    0x78
(603) unimp    0x78
(604) unimp    0x78
(605) unimp    0x79
(606) unimp    0x79
(607) unimp    0x79
(608) unimp    0x79
(609) unimp    0x79
(610) unimp    0x7a
(611) unimp    0x7a
(612) unimp    0x7a
(613) unimp    0x7a
(614) unimp    0x7a
(615) unimp    0x7b
(616) unimp    0x7b
(617) unimp    0x7b
(618) unimp    0x7b
(619) unimp    0x7b
(620) rsh      x
(621) rsh      x
(622) rsh      x
(623) rsh      x
(624) rsh      x
(625) unimp    0x7d             jt 626	jf 626
(626) unimp    0x7d             jt 627	jf 627
(627) unimp    0x7d             jt 631	jf 629
(628) unimp    0x7d             jt 884	jf 629
(629) unimp    0x7d             jt 630	jf 637
(630) unimp    0x7e
(631) unimp    0x7e
(632) unimp    0x7e
(633) unimp    0x7e
(634) unimp    0x7e
(635) unimp    0x7f
(636) unimp    0x7f
(637) unimp    0x7f
(638) unimp    0x7f
(639) unimp    0x7f
(640) ld       #pktlen
(641) ld       #pktlen
(642) ld       #pktlen
(643) ld       #pktlen
(644) ld       #pktlen
(645) unimp    0x81
(646) unimp    0x81
(647) unimp    0x81
(648) unimp    0x81
(649) unimp    0x81
(650) unimp    0x82
(651) unimp    0x82
(652) unimp    0x82
(653) unimp    0x82
(654) unimp    0x82
(655) unimp    0x83
(656) unimp    0x83
(657) unimp    0x83
(658) unimp    0x83
(659) unimp    0x83
(660) neg      
(661) neg      
(662) neg      
(663) neg      
(664) neg      
(665) unimp    0x85             jt 666	jf 666
(666) unimp    0x85             jt 667	jf 667
(667) unimp    0x85             jt 671	jf 669
(668) unimp    0x85             jt 924	jf 669
(669) unimp    0x85             jt 670	jf 677
(670) unimp    0x86
(671) unimp    0x86
(672) unimp    0x86
(673) unimp    0x86
(674) unimp    0x86
(675) txa      
(676) txa      
(677) txa      
(678) txa      
(679) txa      
(680) unimp    0x88
(681) unimp    0x88
(682) unimp    0x88
(683) unimp    0x88
(684) unimp    0x88
(685) unimp    0x89
(686) unimp    0x89
(687) unimp    0x89
(688) unimp    0x89
(689) unimp    0x89
(690) unimp    0x8a
(691) unimp    0x8a
(692) unimp    0x8a
(693) unimp    0x8a
(694) unimp    0x8a
(695) unimp    0x8b
(696) unimp    0x8b
(697) unimp    0x8b
(698) unimp    0x8b
(699) unimp    0x8b
(700) unimp    0x8c
(701) unimp    0x8c
(702) unimp    0x8c
(703) unimp    0x8c
(704) unimp    0x8c
(705) unimp    0x8d             jt 706	jf 706
(706) unimp    0x8d             jt 707	jf 707
(707) unimp    0x8d             jt 711	jf 709
(708) unimp    0x8d             jt 964	jf 709
(709) unimp    0x8d             jt 710	jf 717
(710) unimp    0x8e
(711) unimp    0x8e
(712) unimp    0x8e
(713) unimp    0x8e
(714) unimp    0x8e
(715) unimp    0x8f
(716) unimp    0x8f
(717) unimp    0x8f
(718) unimp    0x8f
(719) unimp    0x8f
(720) unimp    0x90
(721) unimp    0x90
(722) unimp    0x90
(723) unimp    0x90
(724) unimp    0x90
(725) unimp    0x91
(726) unimp    0x91
(727) unimp    0x91
(728) unimp    0x91
(729) unimp    0x91
(730) unimp    0x92
(731) unimp    0x92
(732) unimp    0x92
(733) unimp    0x92
(734) unimp    0x92
(735) unimp    0x93
(736) unimp    0x93
(737) unimp    0x93
(738) unimp    0x93
(739) unimp    0x93
(740) mod      #0
(741) mod      #12
(742) mod      #2048
(743) mod      #-4
(744) mod      #-4048
(745) unimp    0x95             jt 746	jf 746
(746) unimp    0x95             jt 747	jf 747
(747) unimp    0x95             jt 751	jf 749
(748) unimp    0x95             jt 1004	jf 749
(749) unimp    0x95             jt 750	jf 757
(750) unimp    0x96
(751) unimp    0x96
(752) unimp    0x96
(753) unimp    0x96
(754) unimp    0x96
(755) unimp    0x97
(756) unimp    0x97
(757) unimp    0x97
(758) unimp    0x97
(759) unimp    0x97
(760) unimp    0x98
(761) unimp    0x98
(762) unimp    0x98
(763) unimp    0x98
(764) unimp    0x98
(765) unimp    0x99
(766) unimp    0x99
(767) unimp    0x99
(768) unimp    0x99
(769) unimp    0x99
(770) unimp    0x9a
(771) unimp    0x9a
(772) unimp    0x9a
(773) unimp    0x9a
(774) unimp    0x9a
(775) unimp    0x9b
(776) unimp    0x9b
(777) unimp    0x9b
(778) unimp    0x9b
(779) unimp    0x9b
(780) mod      x
(781) mod      x
(782) mod      x
(783) mod      x
(784) mod      x
(785) unimp    0x9d             jt 786	jf 786
(786) unimp    0x9d             jt 787	jf 787
(787) unimp    0x9d             jt 791	jf 789
(788) unimp    0x9d             jt 1044	jf 789
(789) unimp    0x9d             jt 790	jf 797
(790) unimp    0x9e
(791) unimp    0x9e
(792) unimp    0x9e
(793) unimp    0x9e
(794) unimp    0x9e
(795) unimp    0x9f
(796) unimp    0x9f
(797) unimp    0x9f
(798) unimp    0x9f
(799) unimp    0x9f
(800) unimp    0xa0
(801) unimp    0xa0
(802) unimp    0xa0
(803) unimp    0xa0
(804) unimp    0xa0
(805) unimp    0xa1
(806) unimp    0xa1
(807) unimp    0xa1
(808) unimp    0xa1
(809) unimp    0xa1
(810) unimp    0xa2
(811) unimp    0xa2
(812) unimp    0xa2
(813) unimp    0xa2
(814) unimp    0xa2
(815) unimp    0xa3
(816) unimp    0xa3
(817) unimp    0xa3
(818) unimp    0xa3
(819) unimp    0xa3
(820) xor      #0x0
(821) xor      #0xc
(822) xor      #0x800
(823) xor      #0xfffffffc
(824) xor      #0xfffff030
(825) unimp    0xa5             jt 826	jf 826
(826) unimp    0xa5             jt 827	jf 827
(827) unimp    0xa5             jt 831	jf 829
(828) unimp    0xa5             jt 1084	jf 829
(829) unimp    0xa5             jt 830	jf 837
(830) unimp    0xa6
(831) unimp    0xa6
(832) unimp    0xa6
(833) unimp    0xa6
(834) unimp    0xa6
(835) unimp    0xa7
(836) unimp    0xa7
(837) unimp    0xa7
(838) unimp    0xa7
(839) unimp    0xa7
(840) unimp    0xa8
(841) unimp    0xa8
(842) unimp    0xa8
(843) unimp    0xa8
(844) unimp    0xa8
(845) unimp    0xa9
(846) unimp    0xa9
(847) unimp    0xa9
(848) unimp    0xa9
(849) unimp    0xa9
(850) unimp    0xaa
(851) unimp    0xaa
(852) unimp    0xaa
(853) unimp    0xaa
(854) unimp    0xaa
(855) unimp    0xab
(856) unimp    0xab
(857) unimp    0xab
(858) unimp    0xab
(859) unimp    0xab
(860) xor      x
(861) xor      x
(862) xor      x
(863) xor      x
(864) xor      x
(865) unimp    0xad             jt 866	jf 866
(866) unimp    0xad             jt 867	jf 867
(867) unimp    0xad             jt 871	jf 869
(868) unimp    0xad             jt 1124	jf 869
(869) unimp    0xad             jt 870	jf 877
(870) unimp    0xae
(871) unimp    0xae
(872) unimp    0xae
(873) unimp    0xae
(874) unimp    0xae
(875) unimp    0xaf
(876) unimp    0xaf
(877) unimp    0xaf
(878) unimp    0xaf
(879) unimp    0xaf
(880) unimp    0xb0
(881) unimp    0xb0
(882) unimp    0xb0
(883) unimp    0xb0
(884) unimp    0xb0
(885) ldxb     4*([0]&0xf)
(886) ldxb     4*([12]&0xf)
(887) ldxb     4*([2048]&0xf)
(888) ldxb     4*([-4]&0xf)
(889) ldxb     4*([-4048]&0xf)
(890) unimp    0xb2
(891) unimp    0xb2
(892) unimp    0xb2
(893) unimp    0xb2
(894) unimp    0xb2
(895) unimp    0xb3
(896) unimp    0xb3
(897) unimp    0xb3
(898) unimp    0xb3
(899) unimp    0xb3
(900) unimp    0xb4
(901) unimp    0xb4
(902) unimp    0xb4
(903) unimp    0xb4
(904) unimp    0xb4
(905) unimp    0xb5             jt 906	jf 906
(906) unimp    0xb5             jt 907	jf 907
(907) unimp    0xb5             jt 911	jf 909
(908) unimp    0xb5             jt 1164	jf 909
(909) unimp    0xb5             jt 910	jf 917
(910) unimp    0xb6
(911) unimp    0xb6
(912) unimp    0xb6
(913) unimp    0xb6
(914) unimp    0xb6
(915) unimp    0xb7
(916) unimp    0xb7
(917) unimp    0xb7
(918) unimp    0xb7
(919) unimp    0xb7
(920) unimp    0xb8
(921) unimp    0xb8
(922) unimp    0xb8
(923) unimp    0xb8
(924) unimp    0xb8
(925) unimp    0xb9
(926) unimp    0xb9
(927) unimp    0xb9
(928) unimp    0xb9
(929) unimp    0xb9
(930) unimp    0xba
(931) unimp    0xba
(932) unimp    0xba
(933) unimp    0xba
(934) unimp    0xba
(935) unimp    0xbb
(936) unimp    0xbb
(937) unimp    0xbb
(938) unimp    0xbb
(939) unimp    0xbb
(940) unimp    0xbc
(941) unimp    0xbc
(942) unimp    0xbc
(943) unimp    0xbc
(944) unimp    0xbc
(945) unimp    0xbd             jt 946	jf 946
(946) unimp    0xbd             jt 947	jf 947
(947) unimp    0xbd             jt 951	jf 949
(948) unimp    0xbd             jt 1204	jf 949
(949) unimp    0xbd             jt 950	jf 957
(950) unimp    0xbe
(951) unimp    0xbe
(952) unimp    0xbe
(953) unimp    0xbe
(954) unimp    0xbe
(955) unimp    0xbf
(956) unimp    0xbf
(957) unimp    0xbf
(958) unimp    0xbf
(959) unimp    0xbf
(960) unimp    0xc0
(961) unimp    0xc0
(962) unimp    0xc0
(963) unimp    0xc0
(964) unimp    0xc0
(965) unimp    0xc1
(966) unimp    0xc1
(967) unimp    0xc1
(968) unimp    0xc1
(969) unimp    0xc1
(970) unimp    0xc2
(971) unimp    0xc2
(972) unimp    0xc2
(973) unimp    0xc2
(974) unimp    0xc2
(975) unimp    0xc3
(976) unimp    0xc3
(977) unimp    0xc3
(978) unimp    0xc3
(979) unimp    0xc3
(980) unimp    0xc4
(981) unimp    0xc4
(982) unimp    0xc4
(983) unimp    0xc4
(984) unimp    0xc4
(985) unimp    0xc5             jt 986	jf 986
(986) unimp    0xc5             jt 987	jf 987
(987) unimp    0xc5             jt 991	jf 989
(988) unimp    0xc5             jt 1244	jf 989
(989) unimp    0xc5             jt 990	jf 997
(990) unimp    0xc6
(991) unimp    0xc6
(992) unimp    0xc6
(993) unimp    0xc6
(994) unimp    0xc6
(995) unimp    0xc7
(996) unimp    0xc7
(997) unimp    0xc7
(998) unimp    0xc7
(999) unimp    0xc7
(1000) unimp    0xc8
(1001) unimp    0xc8
(1002) unimp    0xc8
(1003) unimp    0xc8
(1004) unimp    0xc8
(1005) unimp    0xc9
(1006) unimp    0xc9
(1007) unimp    0xc9
(1008) unimp    0xc9
(1009) unimp    0xc9
(1010) unimp    0xca
(1011) unimp    0xca
(1012) unimp    0xca
(1013) unimp    0xca
(1014) unimp    0xca
(1015) unimp    0xcb
(1016) unimp    0xcb
(1017) unimp    0xcb
(1018) unimp    0xcb
(1019) unimp    0xcb
(1020) unimp    0xcc
(1021) unimp    0xcc
(1022) unimp    0xcc
(1023) unimp    0xcc
(1024) unimp    0xcc
(1025) unimp    0xcd             jt 1026	jf 1026
(1026) unimp    0xcd             jt 1027	jf 1027
(1027) unimp    0xcd             jt 1031	jf 1029
(1028) unimp    0xcd             jt 1284	jf 1029
(1029) unimp    0xcd             jt 1030	jf 1037
(1030) unimp    0xce
(1031) unimp    0xce
(1032) unimp    0xce
(1033) unimp    0xce
(1034) unimp    0xce
(1035) unimp    0xcf
(1036) unimp    0xcf
(1037) unimp    0xcf
(1038) unimp    0xcf
(1039) unimp    0xcf
(1040) unimp    0xd0
(1041) unimp    0xd0
(1042) unimp    0xd0
(1043) unimp    0xd0
(1044) unimp    0xd0
(1045) unimp    0xd1
(1046) unimp    0xd1
(1047) unimp    0xd1
(1048) unimp    0xd1
(1049) unimp    0xd1
(1050) unimp    0xd2
(1051) unimp    0xd2
(1052) unimp    0xd2
(1053) unimp    0xd2
(1054) unimp    0xd2
(1055) unimp    0xd3
(1056) unimp    0xd3
(1057) unimp    0xd3
(1058) unimp    0xd3
(1059) unimp    0xd3
(1060) unimp    0xd4
(1061) unimp    0xd4
(1062) unimp    0xd4
(1063) unimp    0xd4
(1064) unimp    0xd4
(1065) unimp    0xd5             jt 1066	jf 1066
(1066) unimp    0xd5             jt 1067	jf 1067
(1067) unimp    0xd5             jt 1071	jf 1069
(1068) unimp    0xd5             jt 1324	jf 1069
(1069) unimp    0xd5             jt 1070	jf 1077
(1070) unimp    0xd6
(1071) unimp    0xd6
(1072) unimp    0xd6
(1073) unimp    0xd6
(1074) unimp    0xd6
(1075) unimp    0xd7
(1076) unimp    0xd7
(1077) unimp    0xd7
(1078) unimp    0xd7
(1079) unimp    0xd7
(1080) unimp    0xd8
(1081) unimp    0xd8
(1082) unimp    0xd8
(1083) unimp    0xd8
(1084) unimp    0xd8
(1085) unimp    0xd9
(1086) unimp    0xd9
(1087) unimp    0xd9
(1088) unimp    0xd9
(1089) unimp    0xd9
(1090) unimp    0xda
(1091) unimp    0xda
(1092) unimp    0xda
(1093) unimp    0xda
(1094) unimp    0xda
(1095) unimp    0xdb
(1096) unimp    0xdb
(1097) unimp    0xdb
(1098) unimp    0xdb
(1099) unimp    0xdb
(1100) unimp    0xdc
(1101) unimp    0xdc
(1102) unimp    0xdc
(1103) unimp    0xdc
(1104) unimp    0xdc
(1105) unimp    0xdd             jt 1106	jf 1106
(1106) unimp    0xdd             jt 1107	jf 1107
(1107) unimp    0xdd             jt 1111	jf 1109
(1108) unimp    0xdd             jt 1364	jf 1109
(1109) unimp    0xdd             jt 1110	jf 1117
(1110) unimp    0xde
(1111) unimp    0xde
(1112) unimp    0xde
(1113) unimp    0xde
(1114) unimp    0xde
(1115) unimp    0xdf
(1116) unimp    0xdf
(1117) unimp    0xdf
(1118) unimp    0xdf
(1119) unimp    0xdf
(1120) unimp    0xe0
(1121) unimp    0xe0
(1122) unimp    0xe0
(1123) unimp    0xe0
(1124) unimp    0xe0
(1125) unimp    0xe1
(1126) unimp    0xe1
(1127) unimp    0xe1
(1128) unimp    0xe1
(1129) unimp    0xe1
(1130) unimp    0xe2
(1131) unimp    0xe2
(1132) unimp    0xe2
(1133) unimp    0xe2
(1134) unimp    0xe2
(1135) unimp    0xe3
(1136) unimp    0xe3
(1137) unimp    0xe3
(1138) unimp    0xe3
(1139) unimp    0xe3
(1140) unimp    0xe4
(1141) unimp    0xe4
(1142) unimp    0xe4
(1143) unimp    0xe4
(1144) unimp    0xe4
(1145) unimp    0xe5             jt 1146	jf 1146
(1146) unimp    0xe5             jt 1147	jf 1147
(1147) unimp    0xe5             jt 1151	jf 1149
(1148) unimp    0xe5             jt 1404	jf 1149
(1149) unimp    0xe5             jt 1150	jf 1157
(1150) unimp    0xe6
(1151) unimp    0xe6
(1152) unimp    0xe6
(1153) unimp    0xe6
(1154) unimp    0xe6
(1155) unimp    0xe7
(1156) unimp    0xe7
(1157) unimp    0xe7
(1158) unimp    0xe7
(1159) unimp    0xe7
(1160) unimp    0xe8
(1161) unimp    0xe8
(1162) unimp    0xe8
(1163) unimp    0xe8
(1164) unimp    0xe8
(1165) unimp    0xe9
(1166) unimp    0xe9
(1167) unimp    0xe9
(1168) unimp    0xe9
(1169) unimp    0xe9
(1170) unimp    0xea
(1171) unimp    0xea
(1172) unimp    0xea
(1173) unimp    0xea
(1174) unimp    0xea
(1175) unimp    0xeb
(1176) unimp    0xeb
(1177) unimp    0xeb
(1178) unimp    0xeb
(1179) unimp    0xeb
(1180) unimp    0xec
(1181) unimp    0xec
(1182) unimp    0xec
(1183) unimp    0xec
(1184) unimp    0xec
(1185) unimp    0xed             jt 1186	jf 1186
(1186) unimp    0xed             jt 1187	jf 1187
(1187) unimp    0xed             jt 1191	jf 1189
(1188) unimp    0xed             jt 1444	jf 1189
(1189) unimp    0xed             jt 1190	jf 1197
(1190) unimp    0xee
(1191) unimp    0xee
(1192) unimp    0xee
(1193) unimp    0xee
(1194) unimp    0xee
(1195) unimp    0xef
(1196) unimp    0xef
(1197) unimp    0xef
(1198) unimp    0xef
(1199) unimp    0xef
(1200) unimp    0xf0
(1201) unimp    0xf0
(1202) unimp    0xf0
(1203) unimp    0xf0
(1204) unimp    0xf0
(1205) unimp    0xf1
(1206) unimp    0xf1
(1207) unimp    0xf1
(1208) unimp    0xf1
(1209) unimp    0xf1
(1210) unimp    0xf2
(1211) unimp    0xf2
(1212) unimp    0xf2
(1213) unimp    0xf2
(1214) unimp    0xf2
(1215) unimp    0xf3
(1216) unimp    0xf3
(1217) unimp    0xf3
(1218) unimp    0xf3
(1219) unimp    0xf3
(1220) unimp    0xf4
(1221) unimp    0xf4
(1222) unimp    0xf4
(1223) unimp    0xf4
(1224) unimp    0xf4
(1225) unimp    0xf5             jt 1226	jf 1226
(1226) unimp    0xf5             jt 1227	jf 1227
(1227) unimp    0xf5             jt 1231	jf 1229
(1228) unimp    0xf5             jt 1484	jf 1229
(1229) unimp    0xf5             jt 1230	jf 1237
(1230) unimp    0xf6
(1231) unimp    0xf6
(1232) unimp    0xf6
(1233) unimp    0xf6
(1234) unimp    0xf6
(1235) unimp    0xf7
(1236) unimp    0xf7
(1237) unimp    0xf7
(1238) unimp    0xf7
(1239) unimp    0xf7
(1240) unimp    0xf8
(1241) unimp    0xf8
(1242) unimp    0xf8
(1243) unimp    0xf8
(1244) unimp    0xf8
(1245) unimp    0xf9
(1246) unimp    0xf9
(1247) unimp    0xf9
(1248) unimp    0xf9
(1249) unimp    0xf9
(1250) unimp    0xfa
(1251) unimp    0xfa
(1252) unimp    0xfa
(1253) unimp    0xfa
(1254) unimp    0xfa
(1255) unimp    0xfb
(1256) unimp    0xfb
(1257) unimp    0xfb
(1258) unimp    0xfb
(1259) unimp    0xfb
(1260) unimp    0xfc
(1261) unimp    0xfc
(1262) unimp    0xfc
(1263) unimp    0xfc
(1264) unimp    0xfc
(1265) unimp    0xfd             jt 1266	jf 1266
(1266) unimp    0xfd             jt 1267	jf 1267
(1267) unimp    0xfd             jt 1271	jf 1269
(1268) unimp    0xfd             jt 1524	jf 1269
(1269) unimp    0xfd             jt 1270	jf 1277
(1270) unimp    0xfe
(1271) unimp    0xfe
(1272) unimp    0xfe
(1273) unimp    0xfe
(1274) unimp    0xfe
(1275) unimp    0xff
(1276) unimp    0xff
(1277) unimp    0xff
(1278) unimp    0xff
(1279) unimp    0xff
(1280) unimp    0x100
(1281) unimp    0x100
(1282) unimp    0x100
(1283) unimp    0x100
(1284) unimp    0x100
(1285) unimp    0x128
(1286) unimp    0x128
(1287) unimp    0x128
(1288) unimp    0x128
(1289) unimp    0x128
(1290) unimp    0x1015           jt 1291	jf 1291
(1291) unimp    0x1015           jt 1292	jf 1292
(1292) unimp    0x1015           jt 1296	jf 1294
(1293) unimp    0x1015           jt 1549	jf 1294
(1294) unimp    0x1015           jt 1295	jf 1302
(1295) unimp    0xfff5           jt 1296	jf 1296
(1296) unimp    0xfff5           jt 1297	jf 1297
(1297) unimp    0xfff5           jt 1301	jf 1299
(1298) unimp    0xfff5           jt 1554	jf 1299
(1299) unimp    0xfff5           jt 1300	jf 1307
(1300) unimp    0xffff
(1301) unimp    0xffff
(1302) unimp    0xffff
(1303) unimp    0xffff
(1304) unimp    0xffff
(1305) ld       [proto]
(1306) ld       [type]
(1307) ld       [ifidx]
(1308) ld       [nla]
(1309) ld       [nlan]
(1310) ld       [mark]
(1311) ld       [queue]
(1312) ld       [hatype]
(1313) ld       [rxhash]
(1314) ld       [cpu]
(1315) ld       [xor_x]
(1316) ld       [vlan_tci]
(1317) ld       [vlanp]
(1318) ld       [poff]
(1319) ld       [random]
(1320) ld       [vlan_tpid]
(1321) ld       [-4032]
